package main

import "testing"

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{bytesText(1010 << 10), "1010 KiB"},
		{bytesText(1023 << 10), "1020 KiB"},
		{bytesText(5<<20 + 1<<19), "5.5 MiB"},
		{bytesText(512), "512 bytes"},
		{figure(250_000, 4), "250000"},
		{figure(0.00001234, 3), "0.0000123"},
		{figure(97.1333, 4), "97.13"},
		{figure(0.003951, 3), "0.00395"},
		{figure(0, 3), "0"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
