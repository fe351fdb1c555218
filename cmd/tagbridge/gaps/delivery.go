package gaps

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// OnTheWay is how long samples may wait with a bridge that runs.
const OnTheWay = time.Minute

// delivery tells what each sink has not got.
func (a *account) delivery() {
	cfg := a.config()
	var known []string
	if cfg != nil {
		for i := range cfg.Sinks {
			known = append(known, cfg.Sinks[i].Name)
		}
	}
	names := slices.Clone(known)
	for i := range a.places {
		if !slices.Contains(names, a.places[i].Sink) {
			names = append(names, a.places[i].Sink)
		}
	}
	for _, name := range names {
		if len(a.q.Sinks) > 0 && !slices.Contains(a.q.Sinks, name) {
			continue
		}
		s := Sink{Sink: name, Missing: []Delivery{}, Removed: cfg != nil && !slices.Contains(known, name)}
		if i := slices.IndexFunc(a.places, func(p journal.Place) bool { return p.Sink == name }); i >= 0 {
			a.sink(&s, &a.places[i])
		} else if a.noJournal {
			s.Error = "the journal cannot be read"
		}
		a.rejected(&s)
		s.sum()
		a.r.Sinks = append(a.r.Sinks, s)
	}
}

// sink tells what the journal knows of a sink.
func (a *account) sink(s *Sink, p *journal.Place) {
	if p.Err != nil {
		s.Error = p.Err.Error()
		a.unread("the place of sink %s cannot be read: %v", s.Sink, p.Err)
		return
	}
	s.There = p.Ever.Since.UTC()
	a.waiting(s, p)
	booked := map[string]uint64{}
	for _, l := range a.losses[s.Sink] {
		n := l.Samples
		if l.To <= p.Ever.Start {
			continue
		}
		n = min(n, uint64(l.To-max(l.From, p.Ever.Start)))
		booked[l.Reason] += n
		a.drop(s, Delivery{Since: l.First.UTC(), Until: l.Last.UTC(), State: Dropped, Why: l.Reason, Samples: n})
	}
	for _, why := range slices.Sorted(maps.Keys(p.Ever.Lost)) {
		if sum := p.Ever.Lost[why]; sum.Samples > booked[why] {
			a.drop(s, Delivery{State: Dropped, Why: why, Samples: sum.Samples - booked[why]})
		}
	}
	a.drop(s, Delivery{State: Dropped, Why: sinks.DroppedRotated, Samples: p.Ever.Rotated})
	a.drop(s, Delivery{State: Dropped, Why: sinks.DroppedUnwritable, Samples: p.Ever.Unwritable})
}

// waiting tells what is still to be delivered.
func (a *account) waiting(s *Sink, p *journal.Place) {
	since := a.waits[s.Sink]
	if a.src.Running && (since.IsZero() || a.src.Now.Sub(since) < OnTheWay) {
		s.OnTheWay = p.Behind
		return
	}
	d := Delivery{Since: since.UTC(), State: Waiting, Samples: p.Behind}
	if !since.IsZero() {
		d.Until = time.Unix(0, max(a.line.newest, since.UnixNano())).UTC()
	}
	if list := a.causes.sinks[s.Sink]; len(list) > 0 && list[len(list)-1].goes {
		d.Why = list[len(list)-1].why
	}
	a.drop(s, d)
}

// drop adds d, if there is any of it in the time that is asked for.
func (a *account) drop(s *Sink, d Delivery) {
	if d.Samples == 0 {
		return
	}
	if d.Until.Before(d.Since) { // the clock was set back in it
		d.Since, d.Until = d.Until, d.Since
	}
	if !d.Since.IsZero() && (d.Since.UnixNano() >= a.line.until || d.Until.UnixNano() < a.line.since) {
		return
	}
	s.Missing = append(s.Missing, d)
}

// sum counts what is missing.
func (s *Sink) sum() {
	slices.SortStableFunc(s.Missing, func(a, b Delivery) int { return cmp.Or(a.Since.Compare(b.Since), a.Until.Compare(b.Until)) })
	for _, d := range s.Missing {
		switch d.State {
		case Waiting:
			s.Waiting += d.Samples
		case Dropped:
			s.Dropped += d.Samples
		case Rejected:
			s.Rejected += d.Samples
		}
	}
}

// rejected tells what a sink refused and is kept aside.
func (a *account) rejected(s *Sink) {
	list, err := readRejected(a.src.DataDir, s.Sink, a.line.since, a.line.until)
	if err != nil {
		a.unread("what sink %s has refused cannot be read: %v", s.Sink, err)
	}
	s.Missing = append(s.Missing, list...)
}
