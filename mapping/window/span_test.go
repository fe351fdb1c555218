package window

import (
	"testing"
	"time"
)

func load(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestBounds has calendars as people know them: what a day and a shift of 8 hours were where clocks were changed.
func TestBounds(t *testing.T) {
	for _, c := range []struct{ zone, at, span, start, end string }{
		{"Europe/Berlin", "2026-03-29T12:00:00Z", "day", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25T12:00:00Z", "day", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T12:00:00Z", "month", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		{"Europe/Berlin", "2026-12-31T23:00:00Z", "month", "2027-01-01T00:00:00+01:00", "2027-02-01T00:00:00+01:00"},
		{"Europe/Berlin", "2026-03-29T00:30:00Z", "8h", "2026-03-29T00:00:00+01:00", "2026-03-29T08:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25T06:59:59Z", "8h", "2026-10-25T00:00:00+02:00", "2026-10-25T08:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T00:59:59Z", "1h", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T01:00:00Z", "1h", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"},
		{"Europe/Berlin", "2026-03-29T00:59:00Z", "1h", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29T12:00:00Z", "24h", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29T12:00:00Z", "7h", "2026-03-29T12:00:00Z", "2026-03-29T19:00:00Z"},
		{"Asia/Kolkata", "2026-03-29T12:05:00Z", "1h", "2026-03-29T17:00:00+05:30", "2026-03-29T18:00:00+05:30"},
		{"Asia/Kathmandu", "2026-03-29T12:05:00Z", "15m", "2026-03-29T17:45:00+05:45", "2026-03-29T18:00:00+05:45"},
		{"Asia/Kathmandu", "2026-03-29T20:05:00Z", "day", "2026-03-30T00:00:00+05:45", "2026-03-31T00:00:00+05:45"},
		{"Australia/Lord_Howe", "2026-04-05T12:00:00Z", "day", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30"},
		{"Australia/Lord_Howe", "2026-04-04T15:10:00Z", "1h", "2026-04-05T01:00:00+11:00", "2026-04-05T02:00:00+10:30"},
		// Midnight that did not exist, and one that came twice.
		{"America/Sao_Paulo", "2018-11-04T12:00:00Z", "day", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		{"America/Sao_Paulo", "2018-11-04T02:59:59Z", "day", "2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00"},
		{"America/Havana", "2025-11-02T04:30:00Z", "day", "2025-11-02T00:00:00-04:00", "2025-11-03T00:00:00-05:00"},
		{"America/Havana", "2025-11-02T05:30:00Z", "day", "2025-11-02T00:00:00-04:00", "2025-11-03T00:00:00-05:00"},
		// Clocks that went back over midnight, a minute after it: that minute, and the hour before midnight that came again, are
		// of the new day.
		{"America/St_Johns", "2010-11-07T02:29:59Z", "day", "2010-11-06T00:00:00-02:30", "2010-11-07T00:00:00-02:30"},
		{"America/St_Johns", "2010-11-07T02:30:30Z", "day", "2010-11-07T00:00:00-02:30", "2010-11-08T00:00:00-03:30"},
		{"America/St_Johns", "2010-11-07T03:00:00Z", "day", "2010-11-07T00:00:00-02:30", "2010-11-08T00:00:00-03:30"},
		// Samoa went over the date line and had no 30 December 2011; Kwajalein none of 21 August 1993.
		{"Pacific/Apia", "2011-12-30T09:59:59Z", "day", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "day", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "8h", "2011-12-31T00:00:00+14:00", "2011-12-31T08:00:00+14:00"},
		{"Pacific/Apia", "2011-12-31T00:00:00Z", "month", "2011-12-01T00:00:00-10:00", "2012-01-01T00:00:00+14:00"},
		{"Pacific/Kwajalein", "1993-08-21T12:00:00Z", "day", "1993-08-22T00:00:00+12:00", "1993-08-23T00:00:00+12:00"},
	} {
		span := Span{Zone: load(t, c.zone), Month: c.span == "month"}
		if c.span != "day" && c.span != "month" {
			span.Length, _ = time.ParseDuration(c.span)
		}
		at, _ := time.Parse(time.RFC3339, c.at)
		start, end := span.Bounds(at.UnixNano())
		wantStart, err := time.Parse(time.RFC3339, c.start)
		if err != nil {
			t.Fatal(err)
		}
		wantEnd, _ := time.Parse(time.RFC3339, c.end)
		if start != wantStart.UnixNano() || end != wantEnd.UnixNano() {
			t.Errorf("%s, %s of %s is %v to %v, want %v to %v", c.zone, c.span, c.at, time.Unix(0, start).In(span.Zone),
				time.Unix(0, end).In(span.Zone), wantStart, wantEnd)
		}
	}
}

// TestBoundsMeet goes through the changes of clocks of a century in many zones: windows follow on each other without a gap,
// and every instant is in the window that it is said to be in.
func TestBoundsMeet(t *testing.T) {
	spans := []Span{{}, {Month: true}, {Length: time.Hour}, {Length: 8 * time.Hour}, {Length: 90 * time.Minute}, {Length: 7 * time.Hour}, {Length: 24 * time.Hour}}
	for _, name := range []string{
		"UTC", "Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "America/St_Johns", "America/Havana", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran",
		"Asia/Gaza", "Africa/Casablanca", "Africa/Monrovia", "Antarctica/Troll", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Chatham",
	} {
		zone := load(t, name)
		for at := time.Date(1935, 1, 1, 0, 0, 0, 0, zone); at.Year() < 2045; {
			_, change := at.ZoneBounds()
			if change.IsZero() {
				break
			}
			if !change.After(at) {
				change = at.Add(day) // 31 December of a leap year: see periodOf
			}
			for _, span := range spans {
				span.Zone = zone
				meet(t, span, change.UnixNano())
			}
			at = change
		}
	}
}

func meet(t *testing.T, span Span, change int64) {
	t.Helper()
	at := change - 4*int64(time.Hour)
	start, end := span.Bounds(at)
	for at < change+4*int64(time.Hour) {
		if start > at || at >= end || end-start > int64(33*day) {
			t.Fatalf("%+v of %v is %v to %v", span, time.Unix(0, at).In(span.Zone), time.Unix(0, start).In(span.Zone), time.Unix(0, end).In(span.Zone))
		}
		if s, e := span.Bounds((max(at, start) + end) / 2); s != start || e != end {
			t.Fatalf("%+v of %v is not that of its middle", span, time.Unix(0, at).In(span.Zone))
		}
		if at += int64(10 * time.Minute); at >= end {
			old := end
			if start, end = span.Bounds(end); start != old {
				t.Fatalf("%+v: after %v comes %v", span, time.Unix(0, old).In(span.Zone), time.Unix(0, start).In(span.Zone))
			}
		}
	}
}

// TestFarTimes has times at the ends of what nanoseconds can say: windows end, and nothing runs over.
func TestFarTimes(t *testing.T) {
	for _, span := range []Span{{}, {Month: true}, {Length: time.Second}, {Length: MaxLength}, {Length: 8 * time.Hour, Zone: load(t, "Europe/Berlin")}} {
		for _, at := range []int64{-1 << 63, -1<<63 + 1, -far - 1, -far, -1, 0, 1, far, far + 1, 1<<63 - 2, 1<<63 - 1} {
			if start, end := span.Bounds(at); start >= end {
				t.Errorf("%+v of %d is %d to %d", span, at, start, end)
			}
			w := Window{Span: span}
			got := w.Put(nil, Sample{Time: at, Value: 1})
			got = w.Close(got, 1<<63-1)
			if got = w.Put(got, Sample{Time: 1<<63 - 1, Value: 1}); len(got) > 2*maxClosed {
				t.Errorf("%+v of %d closes %d windows", span, at, len(got))
			}
		}
	}
}
