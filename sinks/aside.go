package sinks

import (
	"time"

	"tagbridge/mapping"
)

// A series that is refused strikesOut times running is set aside: its samples go to the reject store untried, but for
// one after retryFirst, and then after ever longer times up to retryAside.
const (
	strikesOut  = 3
	retryFirst  = 10 * time.Second
	retryAside  = 10 * time.Minute
	asideReason = "set aside, as the samples before were refused: "
)

// aside keeps account of series with refused samples. The zero value is ready. As long as nothing is refused it costs
// nothing.
type aside struct {
	n       int // set aside
	strikes map[seriesKey]*strike
	groups  mapping.PerGroup[[]*strike] // by index of series; nil for groups without a strike
}

// seriesKey is what a sink may object to in a series; when one of these is edited the series is tried again.
type seriesKey struct {
	device, measurement, tag, field string
	kind                            mapping.Kind
}

// strike is the account of one series.
type strike struct {
	key    seriesKey
	reason string // of the last refusal
	count  int    // refusals running
	aside  bool
	retry  time.Time     // when it is to be tried again
	wait   time.Duration // from then on to the next time
}

// postpone puts the next try off, twice as far as the last time.
func (st *strike) postpone(now time.Time) {
	if st.wait == 0 {
		st.wait = retryFirst
	}
	st.retry = now.Add(st.wait)
	st.wait = min(2*st.wait, retryAside)
}

func keyOf(g *mapping.Group, index int) seriesKey {
	s := g.Series[index]
	return seriesKey{g.Device, g.Measurement, s.Tag, s.Field, s.Kind}
}

// of is the strikes of the series of g, by index; nil when there are none.
func (a *aside) of(g *mapping.Group) []*strike {
	return a.groups.Lookup(g, func(g *mapping.Group) []*strike {
		var list []*strike
		for i := range g.Series {
			if st := a.strikes[keyOf(g, i)]; st != nil {
				if list == nil {
					list = make([]*strike, len(g.Series))
				}
				list[i] = st
			}
		}
		return list
	})
}

// reason is why samples of a series that is set aside are rejected.
func (a *aside) reason(g *mapping.Group, index uint16) string {
	if list := a.of(g); list != nil && list[index] != nil {
		return asideReason + list[index].reason
	}
	return asideReason
}

// refused counts a refusal of every sample of v, and reports whether that sets a series aside.
func (a *aside) refused(v *View, why string, r *report) bool {
	out := false
	for i := range v.Batches {
		b := &v.Batches[i]
		for j := range b.Samples {
			key := keyOf(b.Group, int(b.Samples[j].Index))
			st := a.strikes[key]
			if st == nil {
				st = &strike{key: key}
				if a.strikes == nil {
					a.strikes = make(map[seriesKey]*strike)
				}
				a.strikes[key] = st
				a.groups = mapping.PerGroup[[]*strike]{}
			}
			st.reason = why
			if st.count++; st.count >= strikesOut && !st.aside {
				now := time.Now()
				st.aside = true
				st.postpone(now)
				a.n++
				out = true
				r.setAside(key, st.retry.Sub(now), why)
			}
		}
	}
	return out
}

// taken ends the account of the series that v has a sample of: v was taken. With one set aside among them, all others
// set aside are to be tried as well: what has been mended may have been the reason of them all. One refusal puts
// them back.
func (a *aside) taken(v *View, r *report) {
	for i := range v.Batches {
		b := &v.Batches[i]
		if len(a.strikes) == 0 {
			return
		}
		list := a.of(b.Group)
		if list == nil {
			continue
		}
		for j := range b.Samples {
			if st := list[b.Samples[j].Index]; st != nil && st.count > 0 {
				a.forget(st, r)
			}
		}
	}
}

func (a *aside) forget(st *strike, r *report) {
	if st.aside {
		r.takenAgain(st.key)
		a.retryAll()
	}
	st.count = 0
	delete(a.strikes, st.key)
	a.groups = mapping.PerGroup[[]*strike]{}
}

// retryAll lets every series be tried again; one refusal sets it aside.
func (a *aside) retryAll() {
	for _, st := range a.strikes {
		st.aside = false
		st.count = min(st.count, strikesOut-1)
	}
	a.n = 0
}

// cut moves the samples of series set aside, from sample from of v on, to gone; v can then be read, sliced and reset,
// but no more appended to. One sample whose series is to be tried again stays: trial is its place, else -1.
func (a *aside) cut(v *View, gone *untried, from int, now time.Time) (trial int) {
	trial = -1
	seen := 0 // samples of the batches before
	var places []int
	batches := v.Batches[:0]
	for _, b := range v.Batches {
		n := len(b.Samples)
		first := min(max(from-seen, 0), n)
		if list := a.of(b.Group); list != nil && first < n {
			keep := b.Samples[:first]
			for i, s := range b.Samples[first:] {
				place := seen + first + i
				switch st := list[s.Index]; {
				case st == nil || !st.aside:
					keep = append(keep, s)
				case trial < 0 && !st.retry.After(now):
					st.postpone(now)
					trial = place - len(places)
					keep = append(keep, s)
				default:
					p, known := v.position(place)
					gone.add(&b, s, p, known)
					places = append(places, place)
				}
			}
			b.Samples = keep
		}
		seen += n
		if len(b.Samples) > 0 {
			batches = append(batches, b)
		}
	}
	v.without(places)
	v.Batches, v.n = batches, v.n-len(places)
	return trial
}
