package sinks

import (
	"slices"
	"unsafe"

	"tagbridge/mapping"
)

// View is samples on their way to one sink, in journal order. It owns its memory and is reused; what is in it is valid
// until it is reset or appended to.
type View struct {
	Batches []mapping.Batch // a batch's Samples and Blob are parts of the view's own memory
	// Lost is how many samples were gone from the log before the first one of this view: those the sink would have
	// been sent, as far as the log can tell.
	Lost uint64

	marks []mark
	base  int         // the place of the first sample in what marks counts: v may be a part of another
	done  func(n int) // see Done; nil: nobody wants to know
	moved func()      // see Moved; likewise
	// introduces: these are the present values that the sink asked for.
	introduces bool
	inherited  bool             // see Inherited
	samples    []mapping.Sample // of all batches, one behind the other
	blob       []byte           // likewise
	n          int
	water      HighWater
}

// Len is how many samples v holds.
func (v *View) Len() int { return v.n }

// Reset empties v. It keeps the memory, unless that has long been far too much.
func (v *View) Reset() {
	if v.water.Shed(v.bytes()) {
		*v = View{}
		return
	}
	clear(v.Batches) // their groups may be gone
	v.Batches, v.samples, v.blob, v.marks = v.Batches[:0], v.samples[:0], v.blob[:0], v.marks[:0]
	v.n, v.base, v.Lost, v.introduces, v.inherited = 0, 0, 0, false, false
}

// Introduces reports that v is what the sink asked for by Introduce: the present value of every tag that it gets, and no
// others; of those never read BadWaitingForInitialData at time 0. There may be none. What follows it of the log may be older.
func (v *View) Introduces() bool { return v.introduces }

// Introduction is a view that introduces, still empty: the present values are appended to it. Forwarders make it, and tests
// of sinks.
func Introduction() View { return View{introduces: true} }

// Inherited reports that v is what another process left, of its past: what this one has said of the same tags may be newer, and other
// processes may read them now.
func (v *View) Inherited() bool { return v.inherited }

// Bequeathed is a view that is inherited, still empty. Forwarders make it, and tests of sinks.
func Bequeathed() View { return View{inherited: true} }

// bytes is how much memory v's content takes, and how much v holds.
func (v *View) bytes() (used, size int) {
	const sample, batch = int(unsafe.Sizeof(mapping.Sample{})), int(unsafe.Sizeof(mapping.Batch{}))
	const place = int(unsafe.Sizeof(mark{}))
	used = len(v.samples)*sample + len(v.Batches)*batch + len(v.marks)*place + len(v.blob)
	return used, cap(v.samples)*sample + cap(v.Batches)*batch + cap(v.marks)*place + cap(v.blob)
}

// Append copies the samples of b that m selects; with b of the same group as v's last batch, they join that.
func (v *View) Append(b *mapping.Batch, m *Match) {
	choice := m.Group(b.Group)
	if choice.None() {
		return
	}
	v.reserve(len(b.Samples), len(b.Blob))
	from := len(v.samples)
	if choice.All() {
		v.samples = append(v.samples, b.Samples...)
	} else {
		for i := range b.Samples {
			if choice.Has(b.Samples[i].Index) {
				v.samples = append(v.samples, b.Samples[i])
			}
		}
	}
	added := v.samples[from:]
	if len(added) == 0 {
		return
	}
	last := v.last(b.Group)
	if len(b.Blob) > 0 {
		v.copyTexts(b, added, len(v.blob)-len(last.Blob))
	}
	v.n += len(added)
	last.Samples = v.samples[from-len(last.Samples):]
}

// reserve makes room for that many samples and bytes of text. Memory that grows moves: then every batch is pointed to
// where its parts are now.
func (v *View) reserve(samples, text int) {
	if len(v.samples)+samples <= cap(v.samples) && len(v.blob)+text <= cap(v.blob) {
		return
	}
	v.samples, v.blob = slices.Grow(v.samples, samples), slices.Grow(v.blob, text)
	sampleAt, textAt := 0, 0
	for i := range v.Batches {
		b := &v.Batches[i]
		n, size := len(b.Samples), len(b.Blob)
		b.Samples, b.Blob = v.samples[sampleAt:sampleAt+n], v.blob[textAt:textAt+size]
		sampleAt, textAt = sampleAt+n, textAt+size
	}
}

// last is the batch that samples of g are to join: v's last one, or a new one.
func (v *View) last(g *mapping.Group) *mapping.Batch {
	if n := len(v.Batches); n == 0 || v.Batches[n-1].Group != g {
		v.Batches = append(v.Batches, mapping.Batch{Group: g, Blob: v.blob[len(v.blob):]})
	}
	return &v.Batches[len(v.Batches)-1]
}

// copyTexts copies the texts of samples, which are copies of b's, to the end of v.blob, where those of the last batch
// begin at base.
func (v *View) copyTexts(b *mapping.Batch, samples []mapping.Sample, base int) {
	for i := range samples {
		s := &samples[i]
		if s.Kind != mapping.Text {
			continue
		}
		text := b.Text(s)
		s.Bits = uint64(len(v.blob)-base)<<32 | uint64(len(text))
		v.blob = append(v.blob, text...)
	}
	v.Batches[len(v.Batches)-1].Blob = v.blob[base:]
}

// Slice is the samples i to j, j not included, as a view that shares v's memory: it is valid as long as v's content,
// and must not be reset nor appended to.
func (v *View) Slice(i, j int) View {
	part := View{n: j - i, marks: v.marks, base: v.base + i, inherited: v.inherited}
	for k := range v.Batches {
		b := v.Batches[k]
		n := len(b.Samples)
		if from, to := max(i, 0), min(j, n); from < to {
			b.Samples = b.Samples[from:to:to]
			part.Batches = append(part.Batches, b)
		}
		if i, j = i-n, j-n; j <= 0 {
			break
		}
	}
	return part
}

// part is Slice without making anything new when that is all of v.
func (v *View) part(i, j int) *View {
	if i == 0 && j == v.n {
		return v
	}
	part := v.Slice(i, j)
	return &part
}

// split copies the samples of v into two views: those at places, which are ascending, and the others.
func (v *View) split(places []int) (others, picked View) {
	others.inherited, picked.inherited = v.inherited, v.inherited
	at := 0
	for i := range v.Batches {
		b := v.Batches[i]
		from := 0
		for len(places) > 0 && places[0] < at+len(b.Samples) {
			n := places[0] - at
			others.add(&b, from, n)
			picked.add(&b, n, n+1)
			from, places = n+1, places[1:]
		}
		others.add(&b, from, len(b.Samples))
		at += len(b.Samples)
	}
	return others, picked
}

// add appends the samples i to j of b, j not included.
func (v *View) add(b *mapping.Batch, i, j int) {
	if i < j {
		v.Append(&mapping.Batch{Group: b.Group, Samples: b.Samples[i:j], Blob: b.Blob}, nil)
	}
}

// At is the batch that sample i of v is in, and its place there.
func (v *View) At(i int) (b *mapping.Batch, at int) {
	for k := range v.Batches {
		b = &v.Batches[k]
		if i < len(b.Samples) {
			return b, i
		}
		i -= len(b.Samples)
	}
	panic("sinks: no such sample in the view")
}

// drop takes sample i out of v, which can then be read, sliced and reset, but no more appended to.
func (v *View) drop(i int) {
	v.without([]int{i})
	b, at := v.At(i)
	b.Samples = slices.Delete(b.Samples, at, at+1)
	v.Batches = slices.DeleteFunc(v.Batches, func(b mapping.Batch) bool { return len(b.Samples) == 0 })
	v.n--
}
