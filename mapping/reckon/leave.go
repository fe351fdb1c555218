package reckon

import "slices"

// Leave has all reckoned tags of these devices forget everything, and take nothing, until Enter: another bridge reads what they are
// reckoned of. Their values that were not handed over yet are left out. An input that only they need was never read from then on.
func (r *Reckoner) Leave(devices map[string]bool) {
	r.blank(devices, true)
	r.forgetInputs()
}

// forgetInputs has what only those tags need that are away never have been read.
func (r *Reckoner) forgetInputs() {
	for _, in := range r.inputs {
		if !slices.ContainsFunc(in.feeds, func(t *tag) bool { return !t.away }) {
			in.in.Forget()
			in.seeded = false
		}
	}
}

// Enter has them begin anew with the next sample of each input. The next value of an alarm gives its level, whatever it is.
func (r *Reckoner) Enter(devices map[string]bool) {
	r.forgetInputs() // what came meanwhile had been read before
	r.blank(devices, false)
	for _, t := range r.tags {
		if a, ok := t.Machine.(*Alarm); ok && devices[t.Device] {
			a.Fresh()
		}
	}
}

// blank makes the tags of devices what New made them.
func (r *Reckoner) blank(devices map[string]bool, away bool) {
	for _, t := range r.tags {
		if devices[t.Device] {
			t.blank(r)
			t.away = away
		}
	}
	of := func(tag int) bool { return devices[r.tags[tag].Device] }
	r.told = slices.DeleteFunc(r.told, func(g told) bool { return of(g.Tag) })
	r.out.Values = slices.DeleteFunc(r.out.Values, func(g Given) bool { return of(g.Tag) })
	r.out.changes = slices.DeleteFunc(r.out.changes, func(c Change) bool { return of(c.Tag) })
	r.untold = slices.DeleteFunc(r.untold, func(c Change) bool { return of(c.Tag) })
}

func (t *tag) blank(r *Reckoner) {
	_ = t.Machine.ParseState([]byte(*t.begin)) // which it has written itself
	if t.Formula != nil {
		t.computer = newComputer(r, t.Formula)
	}
	t.dirty, t.any, t.kept, t.gave = false, false, false, false
	t.at, t.met, t.last, t.given = 0, 0, Value{}, Value{}
}
