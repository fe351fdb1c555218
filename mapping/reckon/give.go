package reckon

// told is a value that was given, and that the journal may not hold: it is given again after a kill.
type told struct {
	Given
	at int64 // when it was given; 0: not by this run yet
}

// Take hands over what was given and noted since the last time, but for what the journal holds already: it is called when all
// that the journal holds has been Put. What it returns is valid until the next call of the reckoner.
func (r *Reckoner) Take(now int64) ([]Given, []Note) {
	if !r.made {
		r.made = true
		r.skip(now)
	}
	kept := r.out.Values
	for i := range r.told {
		if g := &r.told[i]; g.at == 0 {
			g.at = now
			if g.Time > r.tags[g.Tag].met {
				r.out.Values = append(r.out.Values, g.Given)
			}
		}
	}
	for _, g := range kept {
		r.told = append(r.told, told{g, now})
	}
	return r.out.Values, r.out.Notes
}

// skip leaves out what the journal holds of what was made up for. Of a tag that has nothing new its last value is given again:
// it is the first one after a start.
func (r *Reckoner) skip(now int64) {
	kept := r.out.Values[:0]
	for _, g := range r.out.Values {
		if g.Time > r.tags[g.Tag].met {
			kept = append(kept, g)
		}
	}
	r.out.Values = kept
	fresh := make([]bool, len(r.tags))
	for _, g := range kept {
		fresh[g.Tag] = true
	}
	for _, g := range r.told {
		fresh[g.Tag] = true
	}
	for _, t := range r.tags {
		if t.kept && t.gave && !fresh[t.index] && t.given.Time <= now+ahead {
			r.out.Values = append(r.out.Values, Given{t.index, t.given})
		}
	}
}

// Told is how many values were given that are not known to be in the journal.
func (r *Reckoner) Told() int { return len(r.told) }

// Taken says that what Take returned was handed on.
func (r *Reckoner) Taken() { r.out.reset() }

// Trust forgets what was given before at, which the journal would hold by now: it was not sent, as it had not changed.
func (r *Reckoner) Trust(at int64) {
	kept := r.told[:0]
	for _, g := range r.told {
		if g.at == 0 || g.at >= at {
			kept = append(kept, g)
		}
	}
	r.told = kept
}

// confirm notes that the journal holds what t gave up to that time.
func (r *Reckoner) confirm(t *tag, at int64) {
	for i := 0; i < len(r.told); {
		if g := &r.told[i]; g.Tag == t.index && g.Time <= at {
			r.told[i] = r.told[len(r.told)-1]
			r.told = r.told[:len(r.told)-1]
			continue
		}
		i++
	}
}
