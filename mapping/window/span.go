package window

import "time"

// Span is how long a window is.
type Span struct {
	Length time.Duration  // windows at whole multiples since 1970 UTC; 0: one of the calendar
	Month  bool           // calendar months, else days
	Zone   *time.Location // whose calendar; nil: UTC
}

// Bounds are the start and the end of the window that at, nanoseconds since 1970, is in: the end is in the next one. A
// calendar day has 23 or 25 hours when clocks change.
func (s Span) Bounds(at int64) (start, end int64) {
	if n := int64(s.Length); n > 0 {
		rest := at % n
		if rest < 0 {
			rest += n
		}
		return at - rest, at - rest + n
	}
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := time.Unix(0, at).In(zone).Date()
	if s.Month {
		return midnight(y, m, 1, zone), midnight(y, m+1, 1, zone)
	}
	return midnight(y, m, d, zone), midnight(y, m, d+1, zone)
}

// midnight is when that day begins: where clocks go forward at midnight, at the first instant that there is.
func midnight(y int, m time.Month, d int, zone *time.Location) int64 {
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if t.Day() == want.Day() {
		return t.UnixNano()
	}
	_, end := t.ZoneBounds() // an hour of the day before, which stands for one that is not there
	return end.UnixNano()
}
