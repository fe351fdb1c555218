package gaps

import (
	"time"

	"tagbridge/mapping"
)

// setBack is a step of the clock: it was at from, and then at to.
type setBack struct{ from, to int64 }

const (
	slack      = int64(100 * time.Millisecond) // of what is timed to be equal
	mostBacks  = 100
	leastBack  = int64(2 * time.Second) // a smaller step of the clock is corrected all the time
	tailSlack  = int64(5 * time.Second) // what was read is in the files by then
	pushedTail = int64(time.Minute)     // a server has answered to a subscription by then
)

// clock follows the bridge's clock, which was at that time.
func (t *timeline) clock(at int64) {
	if t.oldest == 0 {
		t.oldest = at
		defer t.takeOver(at)
	}
	if at <= t.now {
		if t.now-at > leastBack {
			t.back(at)
		}
		return
	}
	t.now = at
	t.newest = max(t.newest, at)
	for t.next < len(t.plans) && t.plans[t.next].from <= at {
		t.enter(t.plans[t.next])
		t.next++
	}
	for t.off < len(t.offs) && at >= t.offs[t.off].to {
		t.pass(&t.offs[t.off], t.offs[t.off].to, false)
		t.off++
	}
	if t.off < len(t.offs) && at > t.offs[t.off].from {
		t.offs[t.off].alive = at
	}
}

// takeOver has tags be bad that were when the journal begins, as the events say: their samples can be long before that.
func (t *timeline) takeOver(at int64) {
	for _, d := range t.order {
		for _, l := range d.tags {
			bad := over(t.causes.tags[l.place], at, at+1)
			if len(bad) == 0 || !l.planned || l.seen || bad[0].times > 1 {
				continue
			}
			l.seen, l.bad, l.since, l.why = true, someBad, max(bad[0].from, l.from), bad[0].why
			t.taken[l.place] = bad[0].from
		}
	}
}

// someBad is the quality of a tag that is bad as events say.
const someBad mapping.Quality = 1 << 31

// back notes that the clock was set back: what is bad is so until then and from then on.
func (t *timeline) back(at int64) {
	if len(t.setBacks) < mostBacks {
		t.setBacks = append(t.setBacks, setBack{t.now, at})
	}
	for _, d := range t.order {
		for _, l := range d.tags {
			if l.bad != 0 && l.since <= t.now {
				t.gap(l, l.since, t.now, l.bad, false)
				l.since = at
			}
		}
		if d.offline != 0 {
			d.away = append(d.away, span{from: d.offline, told: d.offline, to: max(t.now, d.offline+1)})
			d.offline = at
		}
	}
	t.now = at
}
