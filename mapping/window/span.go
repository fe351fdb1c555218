package window

import (
	"math"
	"time"
)

// MaxLength is that of the longest window.
const MaxLength = 366 * day

const day = 24 * time.Hour

// far is the last time that windows are reckoned for, in the year 2260; its negative is the first.
const far = math.MaxInt64 - 2*int64(MaxLength)

// Span is how long a window is, and whose clock it goes by.
type Span struct {
	// Length is that of the windows; 0: one of the calendar. One that goes into a day without a rest (8h, 15m) begins when the
	// clock of Zone shows a multiple of it, as a shift does: at 0:00, 8:00 and 16:00, so that one of them has an hour less or
	// more when clocks change. Any other begins at whole multiples since 1970 UTC.
	Length time.Duration
	Month  bool           // calendar months, else days
	Zone   *time.Location // nil: UTC
}

// Bounds are the start and the end of the window that at, nanoseconds since 1970, is in: the end is in the next one. A
// calendar day has 23 or 25 hours when clocks change.
func (s Span) Bounds(at int64) (start, end int64) {
	at = min(max(at, -far), far)
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	switch n := int64(s.Length); {
	case n > 0 && (int64(day)%n != 0 || zone == time.UTC):
		start = floor(at, n)
		return start, start + n
	case n > 0:
		return before(at, n, zone), after(at, n, zone)
	}
	y, m, d := time.Unix(0, at).In(zone).Date()
	if s.Month {
		d = 1
	}
	next := func() int64 {
		if s.Month {
			m++
		} else {
			d++
		}
		return begin(y, m, d, zone)
	}
	start, end = begin(y, m, d, zone), next()
	for end <= at { // the clock has been in the next one, and is back in this one for some minutes
		start, end = end, next()
	}
	return start, end
}

// floor is the last multiple of n up to at.
func floor(at, n int64) int64 {
	rest := at % n
	if rest < 0 {
		rest += n
	}
	return at - rest
}

// period is a time in which a zone's clock is not changed.
type period struct{ start, end, offset int64 } // nanoseconds; start is in it, end is not

// periodOf is the one that at is in, or a part of it. On 31 December of leap years the bounds of package time can lie before
// at (tzset takes a year for 365 days); no zone changes its clock on that day.
func periodOf(at int64, zone *time.Location) period {
	t := time.Unix(0, at).In(zone)
	_, seconds := t.Zone()
	p := period{math.MinInt64, math.MaxInt64, int64(seconds) * int64(time.Second)}
	start, end := t.ZoneBounds()
	if !start.IsZero() && start.Year() > 1700 {
		p.start = min(start.UnixNano(), at)
	}
	if !end.IsZero() && end.Year() < 2262 {
		if p.end = end.UnixNano(); p.end <= at {
			p.end = floor(at, int64(day)) + int64(day)
		}
	}
	return p
}

// before is the last instant up to at at which the zone's clock shows a multiple of n.
func before(at, n int64, zone *time.Location) int64 {
	for {
		p := periodOf(at, zone)
		if start := floor(at+p.offset, n) - p.offset; start >= p.start {
			return start
		}
		at = p.start - 1
	}
}

// after is the first instant after at at which the zone's clock shows a multiple of n.
func after(at, n int64, zone *time.Location) int64 {
	for {
		p := periodOf(at, zone)
		if end := floor(at+p.offset, n) - p.offset + n; end < p.end {
			return end
		}
		if (p.end+periodOf(p.end, zone).offset)%n == 0 {
			return p.end
		}
		at = p.end
	}
}

// begin is the first instant at which the zone's clock shows that day or a later one: there are midnights that do not exist,
// and whole days.
func begin(y int, m time.Month, d int, zone *time.Location) int64 {
	shown := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixNano()
	for at := shown - 2*int64(day); ; {
		p := periodOf(at, zone)
		if start := max(shown-p.offset, p.start); start < p.end {
			return start
		}
		at = p.end
	}
}
