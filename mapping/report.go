package mapping

import (
	"math"
	"time"
)

// badRepeat is how often a bad quality is sent again where the tag has no heartbeat.
const badRepeat = 15 * time.Minute

// Filter decides which samples of a group are sent: all or what changed, always the first one and every change of the
// quality's name, a bad quality again and again. It belongs to the lane that reads the group and is not safe for
// concurrent use. Nothing of it allocates once the texts of change-only tags have been seen.
type Filter struct {
	group *Group
	plain []bool // by index: a sample that is Good as the last one was is sent without looking at the tag
	tags  []tagState
	rules []tagRule // of the tags, each once
	texts [][]byte  // by index: the last text sent; nil until there is one
	dates []int64   // by index: the time that the last sample of a dated tag had; nil until there is one
	beats bool      // see Beats
	due   int64     // Repeat has nothing to do before
	now   int64     // as Repeat was told last
}

// tagState is what was last sent of a tag, and what its rule has for itself: 32 bytes.
type tagState struct {
	bits    uint64 // of the last sample sent, but for texts
	sent    int64  // when
	tag     uint64
	quality Quality
	rule    uint16 // into Filter.rules
	kind    Kind
	flags   stateFlags
}

// tagRule is what rules of many tags have in common.
type tagRule struct {
	heartbeat int64 // 0: none
	band      float64
}

type stateFlags uint8

const (
	byChange  stateFlags = 1 << iota // rule
	pushed                           // rule
	percent                          // rule
	dated                            // rule
	seen                             // there is a last sample
	forgotten                        // it was not delivered
	showNext                         // the next sample shows its quality
)

const ruleFlags = byChange | pushed | percent | dated

// NewFilter makes a filter for g, with one rule for each of its series. No sample was sent yet.
func NewFilter(g *Group, rules []Rule) *Filter {
	f := &Filter{group: g, plain: make([]bool, len(rules)), tags: make([]tagState, len(rules)), due: math.MaxInt64}
	known := make(map[tagRule]uint16)
	for i, r := range rules {
		t := &f.tags[i]
		rule := tagRule{int64(r.Heartbeat), r.Deadband.Value}
		at, ok := known[rule]
		if !ok {
			at = uint16(len(f.rules)) // there are no more of them than tags
			known[rule] = at
			f.rules = append(f.rules, rule)
		}
		t.rule, t.tag = at, r.Tag
		if r.Report == ReportChange || r.Pushed {
			t.flags |= byChange
		}
		if r.Pushed {
			t.flags |= pushed
		}
		if r.Deadband.Percent {
			t.flags |= percent
		}
		if r.Dated {
			t.flags |= dated
		}
		f.beats = f.beats || t.flags&(pushed|dated) != 0 && r.Heartbeat > 0
	}
	return f
}

// Renew makes f as it was when it was new: the next sample of each tag is sent, and nothing is repeated before.
func (f *Filter) Renew() {
	for i := range f.tags {
		t := &f.tags[i]
		*t = tagState{tag: t.tag, rule: t.rule, flags: t.flags & ruleFlags}
		f.plain[i] = false
	}
	f.texts, f.dates, f.due = nil, nil, math.MaxInt64
}

// Beats reports that Repeat makes heartbeats of good values, and not the polls.
func (f *Filter) Beats() bool { return f.beats }

// Apply keeps in b.Samples, in place, those to be sent, and sets their ShowQuality. The times of the samples must be
// filled in.
func (f *Filter) Apply(b *Batch) {
	kept := 0
	for i := range b.Samples {
		s := &b.Samples[i]
		s.Flags &^= ShowQuality
		if !(s.Quality == Good && f.plain[s.Index]) && !f.decide(b, s) {
			continue
		}
		if kept != i {
			b.Samples[kept] = *s
		}
		kept++
	}
	b.Samples = b.Samples[:kept]
}

// decide reports whether s is to be sent, and if so notes it as sent.
func (f *Filter) decide(b *Batch, s *Sample) bool {
	t := &f.tags[s.Index]
	if !f.isNews(t, b, s) {
		return false
	}
	if s.Quality.Base() != Good || t.quality.Base() != Good || t.flags&showNext != 0 {
		s.Flags |= ShowQuality
	}
	t.sent, t.quality, t.kind, t.bits = s.Time, s.Quality, s.Kind, s.Bits
	if t.flags&dated != 0 {
		f.keepDate(s.Index, s.Time)
	}
	if t.flags&(pushed|dated) != 0 && f.now != 0 {
		t.sent = f.now // a source's time is no measure for heartbeats at the bridge's
	}
	if s.Kind == Text && t.flags&(byChange|dated) != 0 {
		f.keepText(s.Index, b.Text(s))
	}
	t.flags = t.flags&^(forgotten|showNext) | seen
	f.plain[s.Index] = t.flags&(byChange|dated) == 0 && s.Quality.Base() == Good
	if every := f.repeats(t); every > 0 {
		f.due = min(f.due, t.sent+every)
	}
	return true
}

func (f *Filter) isNews(t *tagState, b *Batch, s *Sample) bool {
	switch {
	case t.flags&(seen|forgotten) != seen || t.quality.Base() != s.Quality.Base():
		return true
	case s.Quality.IsBad():
		return t.isDue(s.Time, f.repeats(t))
	case t.flags&(byChange|dated) == dated:
		return s.Time != f.dates[s.Index] || !f.same(t, b, s)
	case t.flags&byChange == 0:
		return true
	case t.flags&(pushed|dated) == 0 && f.heartbeat(t) > 0 && t.isDue(s.Time, f.heartbeat(t)):
		return true
	case t.kind != s.Kind:
		return true
	case s.Kind == Text:
		return string(f.texts[s.Index]) != string(b.Text(s))
	}
	return t.moved(s, f.group.Series[s.Index].Exp, f.rules[t.rule].band)
}

// same reports that s has the value and the quality of the last sample sent.
func (f *Filter) same(t *tagState, b *Batch, s *Sample) bool {
	switch {
	case s.Kind != t.kind || s.Quality != t.quality:
		return false
	case s.Kind == Text:
		return string(f.texts[s.Index]) == string(b.Text(s))
	}
	return s.Bits == t.bits
}

// isDue is early by a 64th of the time, so that a poll a little before the full heartbeat does not wait for the next.
// After the clock was set back it is due at once.
func (t *tagState) isDue(now, every int64) bool {
	since := now - t.sent
	return since < 0 || since >= every-every>>6
}

// repeats is how often Repeat sends the last sample again; 0 is never.
func (f *Filter) repeats(t *tagState) int64 {
	switch {
	case t.flags&seen == 0:
		return 0
	case t.quality.IsBad() && f.heartbeat(t) == 0:
		return int64(badRepeat)
	case t.quality.IsBad() || t.flags&(pushed|dated) != 0:
		return f.heartbeat(t)
	}
	return 0
}

func (f *Filter) heartbeat(t *tagState) int64 { return f.rules[t.rule].heartbeat }

// keepDate keeps the time of a sample whose source has dated it.
func (f *Filter) keepDate(index uint16, at int64) {
	if f.dates == nil {
		f.dates = make([]int64, len(f.tags))
	}
	f.dates[index] = at
}

// keepText copies text into memory that is there from the last one.
func (f *Filter) keepText(index uint16, text []byte) {
	if f.texts == nil {
		f.texts = make([][]byte, len(f.tags))
	}
	f.texts[index] = append(f.texts[index][:0], text...)
}
