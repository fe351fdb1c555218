package when

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	zone := time.FixedZone("plant", 2*3600)
	now := time.Date(2026, 3, 1, 12, 30, 0, 0, zone)
	const form = "2006-01-02T15:04:05.999Z07:00"
	for text, want := range map[string]string{
		"2026-03-01T02:00:00Z":      "2026-03-01T02:00:00Z",
		"2026-03-01t02:00:00.5z":    "2026-03-01T02:00:00.5Z",
		"2026-03-01T02:00:00+01:00": "2026-03-01T02:00:00+01:00",
		"2026-03-01T02:00:00 01:00": "2026-03-01T02:00:00+01:00",
		"2026-03-01 02:00:00+01:00": "2026-03-01T02:00:00+01:00",
		"2026-03-01 02:00:00Z":      "2026-03-01T02:00:00Z",
		"2026-03-01 02:00":          "2026-03-01T02:00:00+02:00",
		"2026-03-01T02:00":          "2026-03-01T02:00:00+02:00",
		" 2026-03-01 02:00:07 ":     "2026-03-01T02:00:07+02:00",
		"2026-03-01 02:00:07.25":    "2026-03-01T02:00:07.25+02:00",
		"2026-03-01":                "2026-03-01T00:00:00+02:00",
		"02:00":                     "2026-03-01T02:00:00+02:00",
		"02:00:07":                  "2026-03-01T02:00:07+02:00",
		"now":                       "2026-03-01T12:30:00+02:00",
		"-6h":                       "2026-03-01T06:30:00+02:00",
		"-90s":                      "2026-03-01T12:28:30+02:00",
		"-1h30m":                    "2026-03-01T11:00:00+02:00",
		"-2d":                       "2026-02-27T12:30:00+02:00",
		"-1.5d":                     "2026-02-28T00:30:00+02:00",
		"-1w":                       "2026-02-22T12:30:00+02:00",
	} {
		got, err := Parse(text, now)
		if err != nil || got.Format(form) != want {
			t.Errorf("Parse(%q) = %s, %v; want %s", text, got.Format(form), err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"":                     "no time: write 2026",
		"yesterday":            `"yesterday" is no time: write 2026`,
		"6h":                   "did you mean -6h",
		"-6":                   "write -90s, -30m, -6h",
		"-":                    "write -90s",
		"--6h":                 "write -90s",
		"-6x":                  "write -90s",
		"-NaNd":                "write -90s",
		"-1e9d":                "write -90s",
		"01.03.2026":           "the year comes first",
		"2026-13-01":           "is no time",
		"2026-03-01 25:00":     "is no time",
		"0001-01-01":           "not within 1970",
		"9999-01-01T00:00:00Z": "not within 1970",
		"-200000h -1h":         "write -90s",
		"-900000h":             "not within 1970",
	} {
		if got, err := Parse(text, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v; want an error with %q", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2026-03-01T02:00:00Z", "2026-03-01 02:00", "-6h", "-2d", "now", "02:00", "-", "d"} {
		f.Add(text)
	}
	now := time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text, now)
		if err == nil && (got.Year() < 1970 || got.Year() > 2261) {
			t.Errorf("Parse(%q) = %v", text, got)
		}
	})
}
