package mapping

import "math"

// Repeat appends to b the samples that are due to be sent again at time now, in nanoseconds, which they carry: bad
// ones, heartbeats of pushed and of dated values, and what Forget took back of both. Call it after Apply, every second or so; it
// looks at the tags only when one is due.
func (f *Filter) Repeat(now int64, b *Batch) {
	if now < f.now {
		f.setBack(now)
	}
	f.now = now
	if now < f.due {
		return
	}
	f.due = math.MaxInt64
	for i := range f.tags {
		t := &f.tags[i]
		every := f.repeats(t)
		if t.flags&forgotten != 0 && (t.quality.IsBad() || t.flags&pushed != 0) || every > 0 && now-t.sent >= every {
			f.repeat(uint16(i), now, b)
		}
		if every > 0 {
			f.due = min(f.due, t.sent+every)
		}
	}
}

func (f *Filter) repeat(index uint16, now int64, b *Batch) {
	t := &f.tags[index]
	s := Sample{Time: now, Bits: t.bits, Quality: t.quality, Index: index, Kind: t.kind}
	if s.Kind == Text {
		b.PutText(&s, f.texts[index])
	}
	if s.Quality.Base() != Good || t.flags&showNext != 0 {
		s.Flags = ShowQuality
	}
	b.Samples = append(b.Samples, s)
	t.sent = now
	t.flags &^= forgotten | showNext
}

// setBack follows a clock that was set back: nothing was sent in the future.
func (f *Filter) setBack(now int64) {
	f.due = now
	for i := range f.tags {
		f.tags[i].sent = min(f.tags[i].sent, now)
	}
}

// Forget takes back that the samples of b, as Apply and Repeat left them, were sent: the next sample of their tags is,
// and Repeat sends what no poll would bring.
func (f *Filter) Forget(b *Batch) {
	for i := range b.Samples {
		s := &b.Samples[i]
		t := &f.tags[s.Index]
		t.flags |= forgotten
		if s.Flags&ShowQuality != 0 {
			t.flags |= showNext
		}
		if t.flags&seen == 0 || t.flags&byChange == 0 { // sent without a look at the tag
			t.quality, t.kind, t.bits, t.flags = s.Quality, s.Kind, s.Bits, t.flags|seen
		}
		f.plain[s.Index] = false
		f.due = 0
	}
}

// Inherit takes over from old, the filter before a reload, what was sent of tags whose name, series and rule are the
// same: nothing of them counts as their first sample. old is not to be used any more.
func (f *Filter) Inherit(old *Filter) {
	index := make(map[string]int, len(old.tags))
	for i, s := range old.group.Series {
		index[s.Tag] = i
	}
	for i, s := range f.group.Series {
		j, ok := index[s.Tag]
		if !ok || !s.Equal(old.group.Series[j]) || f.group.Withholds(i) != old.group.Withholds(j) || !f.sameRule(&f.tags[i], old, &old.tags[j]) {
			continue
		}
		rule := f.tags[i].rule
		f.tags[i], f.plain[i] = old.tags[j], old.plain[j]
		f.tags[i].rule = rule
		if old.texts != nil && old.texts[j] != nil {
			f.keepText(uint16(i), old.texts[j])
		}
		if old.dates != nil {
			f.keepDate(uint16(i), old.dates[j])
		}
		f.due = 0
	}
	f.now = old.now
}

// sameRule reports that the rule of t is that of u in other.
func (f *Filter) sameRule(t *tagState, other *Filter, u *tagState) bool {
	return f.rules[t.rule] == other.rules[u.rule] && t.tag == u.tag && t.flags&ruleFlags == u.flags&ruleFlags
}
