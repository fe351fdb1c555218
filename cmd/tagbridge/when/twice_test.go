package when

import (
	"testing"
	"time"
)

// TestHourThatIsThereTwice asks for times in the night in which clocks are set back, and in that in which they are set
// forward: what is between the two is never less than was meant.
func TestHourThatIsThereTwice(t *testing.T) {
	for zone, cases := range map[string][][4]string{
		"Europe/Berlin": {
			{"2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
			{"2026-10-25 01:59", "2026-10-25 03:00", "2026-10-24T23:59:00Z", "2026-10-25T02:00:00Z"},
			{"02:15", "02:45", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z"},
			{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
			{"2026-03-29 01:59", "2026-03-29 03:00", "2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"},
		},
		"Australia/Lord_Howe": {{"2026-04-05 01:45", "2026-04-05 01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"}},
	} {
		where, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 10, 25, 12, 0, 0, 0, where)
		for _, c := range cases {
			since, until, err := Span(c[0], c[1], now)
			got := [2]string{since.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339)}
			if err != nil || got != [2]string{c[2], c[3]} {
				t.Errorf("%s: from %s to %s is %v, %v; want %s to %s", zone, c[0], c[1], got, err, c[2], c[3])
			}
		}
	}
}
