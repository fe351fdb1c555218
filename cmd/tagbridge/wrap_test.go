package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrap(t *testing.T) {
	line := "2026-03-01 02:13:04  boiler: device offline: read unit 1, function 3, holding 0-99: no answer within 1s, straße " + strings.Repeat("x", 70)
	got := wrap(line, 21, 80)
	for i, l := range strings.Split(got, "\n") {
		if utf8.RuneCountInString(l) > 91 || i > 0 && !strings.HasPrefix(l, strings.Repeat(" ", 21)) {
			t.Errorf("line %d: %q", i, l)
		}
	}
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(line), " ") || strings.Count(got, "\n") != 2 {
		t.Errorf("%q", got)
	}
	for _, width := range []int{0, 20, 500} {
		if wrap(line, 21, width) != line {
			t.Errorf("width %d: it is wrapped", width)
		}
	}
	if terminalWidth(new(bytes.Buffer)) != 0 {
		t.Error("a buffer has a width")
	}
}
