package journal

import "time"

// The age of a segment is the time for which the bridge has had it, not what the clock says: a box without a clock of
// its own writes 1970, or is 40 days ahead for a minute, and no step of the clock may cost a backlog. While the bridge
// runs, time.Time's monotonic reading sees to that. Of what an earlier run left only the segments' stamps are known:
// between two of them, and since the newest, no more time counts than a segment is written to at most. So a stop of
// the bridge counts little; what is kept longer for it is bounded by the size.

// setAges sets when the segments found at open were born, as age counts.
func (f *files) setAges(now time.Time) (stepped bool) {
	born, newer := now, now
	for i := len(f.segments) - 1; i >= 0; i-- {
		s := f.segments[i]
		gap := newer.Sub(s.created)
		if i+1 < len(f.segments) || gap < 0 {
			stepped = stepped || gap < 0 || gap > f.longest
		}
		born = born.Add(-min(max(gap, 0), f.segmentAge))
		s.born, newer = born, s.created
	}
	return stepped
}

// returned is when a sink counts as last heard of whose place was written at when: a sink that is away is not given up
// on the first day after a start, when the clock may still be wrong.
func returned(when time.Time) time.Time {
	now := time.Now()
	return now.Add(-min(max(now.Sub(when), 0), awayMost-24*time.Hour))
}
