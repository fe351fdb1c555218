package gaps

import (
	"fmt"
	"time"

	"tagbridge/sinks/journal"
)

// remarks says what is not known, and what else there is to know.
func (a *account) remarks() {
	since := a.r.Since
	if !a.q.Since.IsZero() && a.q.Since.Before(since) {
		a.unknown("before %s nothing is known", stamp(since))
	}
	switch {
	case a.r.Samples.IsZero() && len(a.places) > 0:
		a.unknown("the journal has no sample any more: what was read is known only by the events")
	case a.r.Samples.After(since.Add(time.Second)):
		a.unknown("the journal reaches back to %s: before that, what was read is known only by the events, and polls that were left out are not known", stamp(a.r.Samples))
	}
	if a.r.Events.After(since.Add(time.Second)) && !a.causes.begins {
		a.unknown("the events reach back to %s: before that, when the bridge was off is known only by the samples", stamp(a.r.Events))
	}
	for _, m := range a.missing {
		if m.Reason == journal.MissingOlder || !a.q.Until.IsZero() && m.Since.After(a.q.Until) || m.Until.Before(since) {
			continue
		}
		a.unknown("%s that were read between %s and %s are not in the journal any more (%s): of which tags they were is not known", samples(m.Samples), stamp(m.Since), stamp(m.Until), m.Reason)
	}
	for _, f := range a.causes.failing {
		if to := min(f.to, a.until); to > a.line.since && f.from < a.line.until {
			a.unknown("the journal could not be written from %s to %s: what was read then may not be in it", stamp(nano(f.from)), stamp(nano(to)))
		}
	}
	if len(a.plans) == 0 {
		a.unknown("no configuration is known: polls that were left out are not looked for")
	}
	for i, p := range a.plans {
		if p.cfg == nil && (i+1 == len(a.plans) || a.plans[i+1].from > a.line.since) {
			a.unknown("the configuration that was applied at %s cannot be read: polls that were left out under it are not known", stamp(nano(p.from)))
		}
	}
	if !a.src.Running && a.causes.stopped == 0 {
		a.unknown("nothing is known after %s: the bridge was killed, or this is a copy of then", stamp(nano(max(a.causes.last, a.line.newest))))
	}
	if known := nano(a.until); a.src.Running && a.q.Until.IsZero() && a.src.Now.Sub(known) > beatEvery {
		a.unread("the bridge runs, but what it has read since %s is not in the files of the journal: can they be written?", stamp(known))
	}
	for _, s := range a.line.setBacks {
		if s.from >= a.line.since && s.to < a.line.until {
			a.note("the clock was set back from %s to %s: the time between them is there twice", stamp(nano(s.from)), stamp(nano(s.to)))
		}
	}
}

func (a *account) note(format string, args ...any) {
	a.r.Notes = append(a.r.Notes, fmt.Sprintf(format, args...))
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
