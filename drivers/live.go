package drivers

import (
	"sync"
	"time"

	"tagbridge/mapping"
)

// live is the table of the last samples of a job's tags. Its methods are safe for concurrent use.
type live struct {
	mu   sync.Mutex
	of   *mapping.Group   // whose tags
	last []mapping.Sample // by index; Bits of a text is no offset: see text
	text [][]byte         // by index, nil as long as no tag has text
	bad  int              // tags whose last sample is bad
	// since is the time of the first sample that had the quality of the last; by index.
	since []int64
	turns uint64 // how often the quality of a tag has become another one
	// before is what is known of tags that were bad before the table knew them; nil: of none.
	before   map[uint16]badBefore
	recalled bool
	why      string // they are, where their work and their device do not know
}

// severities is how many samples there are by the severity of their quality: good, uncertain, bad.
type severities [3]uint64

// badBefore is since when a tag was bad before, and with what quality; "": that of a device that does not answer.
type badBefore struct {
	since   int64
	quality string
}

// goesOn reports that s, the first sample, is as bad as the tag was before.
func (b badBefore) goesOn(s *mapping.Sample) bool {
	q := s.Quality.Base()
	switch {
	case !q.IsBad() || s.Time < b.since:
		return false
	case b.quality != "":
		return q.String() == b.quality
	}
	return q == mapping.BadTimeout || q == mapping.BadNotConnected || q == mapping.BadNoCommunication || q == mapping.BadCommunicationError
}

// recall asks what is known of the tags from before, once.
func (t *live) recall(known func(tag string) (since time.Time, quality string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.recalled {
		return
	}
	t.recalled = true
	for i, s := range t.of.Series {
		since, quality := known(s.Tag)
		if since.IsZero() {
			continue
		}
		if t.before == nil {
			t.before = make(map[uint16]badBefore)
		}
		t.before[uint16(i)] = badBefore{since.UnixNano(), quality}
	}
}

// init fills an empty table with the tags of g, as never read.
func (t *live) init(g *mapping.Group) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.empty(g)
	}
}

// empty has the table be of g, whose tags were never read. The caller holds mu.
func (t *live) empty(g *mapping.Group) {
	n := len(g.Series)
	t.of, t.text, t.bad, t.before = g, nil, n, nil
	t.last = make([]mapping.Sample, n)
	t.since = make([]int64, n)
	for i := range t.last {
		t.last[i] = mapping.Sample{Quality: mapping.BadWaitingForInitialData, Index: uint16(i)}
	}
}

// forget has the tags be as never read.
func (t *live) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.empty(t.of)
}

// regroup has the table be of g from now on; tags that keep their names keep their samples. It appends those of the
// others, which are gone, to ended; worse is by how many more tags are bad than before.
func (t *live) regroup(g *mapping.Group, ended *mapping.Batch) (worse int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, last, text, bad, since := t.of, t.last, t.text, t.bad, t.since
	t.empty(g)
	index := make(map[string]int, len(g.Series))
	for i, s := range g.Series {
		index[s.Tag] = i
	}
	for k, s := range last {
		i, stays := index[old.Series[k].Tag]
		switch {
		case s.Time == 0:
			continue
		case !stays:
			ended.Samples = append(ended.Samples, s)
			continue
		}
		s.Index = uint16(i)
		t.last[i], t.since[i] = s, since[k]
		if !s.Quality.IsBad() {
			t.bad--
		}
		if s.Kind == mapping.Text {
			if t.text == nil {
				t.text = make([][]byte, len(t.last))
			}
			t.text[i] = text[k]
		}
	}
	return t.bad - bad
}

// put takes over the samples of b and counts them; worse is by how many more tags are bad than before.
func (t *live) put(b *mapping.Batch) (n severities, worse int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.bad
	for i := range b.Samples {
		s := &b.Samples[i]
		severity := min(s.Quality>>30, 2)
		n[severity]++
		slot := &t.last[s.Index]
		t.bad += int(severity>>1) - int(slot.Quality>>31)
		if slot.Quality.Base() != s.Quality.Base() || slot.Time == 0 {
			t.since[s.Index] = s.Time
			if b, ok := t.before[s.Index]; ok && slot.Time == 0 && b.goesOn(s) {
				t.since[s.Index] = b.since
			}
			t.turns++
		}
		*slot = *s
		if s.Kind == mapping.Text {
			t.keepText(b, s)
		}
	}
	return n, t.bad - before
}

func (t *live) keepText(b *mapping.Batch, s *mapping.Sample) {
	if t.text == nil {
		t.text = make([][]byte, len(t.last))
	}
	t.text[s.Index] = append(t.text[s.Index][:0], b.Text(s)...)
}

// present resets b to the last sample of every tag of which there is one, and those of tags that were never read if they are
// wanted: BadWaitingForInitialData at time 0.
func (t *live) present(b *mapping.Batch, unread bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b.Reset(t.of)
	for _, s := range t.last {
		if s.Time == 0 && !unread {
			continue
		}
		if s.Kind == mapping.Text {
			b.PutText(&s, t.text[s.Index])
		}
		s.Flags = 0
		if s.Quality != mapping.Good {
			s.Flags = mapping.ShowQuality
		}
		b.Samples = append(b.Samples, s)
	}
}

// all appends the last sample of every tag to dst, and has b hold their group and texts.
func (t *live) all(dst []mapping.Sample, b *mapping.Batch) []mapping.Sample {
	t.mu.Lock()
	defer t.mu.Unlock()
	b.Reset(t.of)
	for _, s := range t.last {
		if s.Kind == mapping.Text {
			b.PutText(&s, t.text[s.Index])
		}
		dst = append(dst, s)
	}
	return dst
}

// inherit takes over the last samples of the series that old shares with the table, of group to.
func (t *live) inherit(to *mapping.Group, old *live) {
	var b mapping.Batch
	old.present(&b, false)
	from, since := b.Group, old.sinces(nil)
	index := make(map[*mapping.Series]uint16, len(to.Series))
	for i, s := range to.Series {
		index[s] = uint16(i)
	}
	kept := b.Samples[:0]
	became := map[uint16]int64{}
	for _, s := range b.Samples {
		if i, ok := index[from.Series[s.Index]]; ok {
			if int(s.Index) < len(since) {
				became[i] = since[s.Index]
			}
			s.Index = i
			kept = append(kept, s)
		}
	}
	b.Samples = kept
	t.put(&b)
	t.mu.Lock()
	for i, at := range became {
		t.since[i] = at
	}
	t.mu.Unlock()
}

// sinces appends since when each tag has had its quality to dst; 0: it was never read.
func (t *live) sinces(dst []int64) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(dst, t.since...)
}

// turned is how often the quality of a tag has become another one.
func (t *live) turned() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.turns
}

// explain notes why the tags are bad.
func (t *live) explain(why string) {
	t.mu.Lock()
	t.why = why
	t.mu.Unlock()
}

// reason is why the tags are bad, as far as the lane knows.
func (t *live) reason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.why
}

func (t *live) badTags() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bad
}
