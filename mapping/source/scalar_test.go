package source

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0ms": 0, "1s": time.Second, "1.5s": 1500 * time.Millisecond, "1 s": time.Second, "720h": 720 * time.Hour,
		"1m30s": 90 * time.Second, "250µs": 250 * time.Microsecond,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"5": errNoUnit, "-1": errNoUnit, "0.5": errNoUnit, "": errDuration, "s": errDuration, "1x": errDuration,
		"2d": errDays, "3 days": errDays, "99999999999h": errDuration,
	} {
		if got, err := ParseDuration(text); err != want {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestDurationsOfOtherCountries(t *testing.T) {
	for text, want := range map[string]string{
		"1sec": "1s", "10 Sek.": "10s", "1,5s": "1.5s", "5min": "5m", "1S": "1s", "2 hours": "2h", "250MS": "250ms", "1std": "1h",
	} {
		if _, err := ParseDuration(text); err == nil || !strings.HasSuffix(err.Error(), "did you mean "+want+"?") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1GiB": 1 << 30, "1.5 gib": 3 << 29, "100MB": 100_000_000, "64kb": 64_000, "7B": 7, "1TiB": 1 << 40,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("parseSize(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"5": errSize, "": errSize, "GiB": errSize, "-1GiB": errSize, "1,000MB": errSize, "1GiBs": errSize,
		"99999999999TiB": errTooMuch, "1e3MB": errSize,
	} {
		if got, err := parseSize(text); err != want {
			t.Errorf("parseSize(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestShow(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Second: "10s", 10 * time.Minute: "10m", 10 * time.Millisecond: "10ms",
	} {
		if got := ShowDuration(d); got != want {
			t.Errorf("showDuration(%v) = %s", d, got)
		}
	}
	for n, want := range map[int64]string{1 << 30: "1GiB", 1000: "1000B", 3 << 20: "3MiB"} {
		if got := ShowSize(n); got != want {
			t.Errorf("showSize(%d) = %s", n, got)
		}
	}
}

func TestNearest(t *testing.T) {
	device := []string{"name", "unit_id", "poll", "url", "max_registers", "order", "timeout"}
	for word, want := range map[string]string{
		"slave": "unit_id", "Slave-ID": "unit_id", "unitid": "unit_id", "pol": "poll", "maxregister": "max_registers",
		"oder": "order", "tiemout": "timeout", "interval": "poll", "colour": "", "x": "", "": "",
	} {
		if got := nearest(word, device); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "xbc", 1}, {"kitten", "sitting", 3}, {"a", "abcdefgh", 5}} {
		if got := Distance(tt.a, tt.b, 5); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
