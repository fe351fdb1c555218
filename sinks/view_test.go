package sinks

import (
	"fmt"
	"slices"
	"testing"

	"tagbridge/mapping"
)

// testGroup is a group of n tags t0, t1, …
func testGroup(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: "b", Device: device, Measurement: device}
	for i := range n {
		tag := fmt.Sprintf("t%d", i)
		g.Series = append(g.Series, &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int}})
	}
	return mapping.NewGroup(g)
}

// intBatch is a batch of g with the values first, first+1, … in its first n series, their time being the value.
func intBatch(g *mapping.Group, first, n int) *mapping.Batch {
	b := &mapping.Batch{Group: g}
	for i := range n {
		v := first + i
		b.Samples = append(b.Samples, mapping.Sample{Time: int64(v), Bits: uint64(v), Kind: mapping.Int, Index: uint16(i)})
	}
	return b
}

// textBatch is a batch of g with the given texts.
func textBatch(g *mapping.Group, texts ...string) *mapping.Batch {
	b := &mapping.Batch{Group: g}
	for i, text := range texts {
		s := mapping.Sample{Index: uint16(i)}
		b.PutText(&s, []byte(text))
		b.Samples = append(b.Samples, s)
	}
	return b
}

// contents lists device and value of every sample of v.
func contents(v *View) []string {
	var list []string
	for i := range v.Batches {
		b := &v.Batches[i]
		for j := range b.Samples {
			s := &b.Samples[j]
			text := fmt.Sprint(s.Bits)
			if s.Kind == mapping.Text {
				text = string(b.Text(s))
			}
			list = append(list, b.Group.Device+" "+text)
		}
	}
	return list
}

func TestViewKeepsContentWhileItGrows(t *testing.T) {
	a, b := testGroup("a", 4), testGroup("b", 4)
	var v View
	var want []string
	for i := range 200 {
		g := a
		if i%3 == 0 {
			g = b
		}
		if i%2 == 0 {
			v.Append(textBatch(g, fmt.Sprintf("text %d", i), ""), nil)
			want = append(want, fmt.Sprintf("%s text %d", g.Device, i), g.Device+" ")
			continue
		}
		v.Append(intBatch(g, i, 2), nil)
		want = append(want, fmt.Sprintf("%s %d", g.Device, i), fmt.Sprintf("%s %d", g.Device, i+1))
	}
	if got := contents(&v); !slices.Equal(got, want) {
		t.Errorf("the view holds %q, want %q", got, want)
	}
	if v.Len() != len(want) {
		t.Errorf("Len = %d, want %d", v.Len(), len(want))
	}
}

func TestViewCopiesWhatItIsGiven(t *testing.T) {
	b := textBatch(testGroup("a", 1), "kept")
	var v View
	v.Append(b, nil)
	copy(b.Blob, "gone")
	b.Samples[0].Bits = 0
	if got := contents(&v); !slices.Equal(got, []string{"a kept"}) {
		t.Errorf("the view holds %q after its source changed", got)
	}
}

func TestViewMergesBatchesOfOneGroup(t *testing.T) {
	a, b := testGroup("a", 2), testGroup("b", 2)
	var v View
	for _, g := range []*mapping.Group{a, a, b, a, a} {
		v.Append(intBatch(g, 1, 2), nil)
	}
	if len(v.Batches) != 3 {
		t.Errorf("%d batches, want 3: consecutive ones of one group are one", len(v.Batches))
	}
}

func TestViewSlice(t *testing.T) {
	var v View
	for i := range 5 {
		v.Append(intBatch(testGroup(fmt.Sprint("d", i), 3), 10*i, 3), nil)
		v.Append(textBatch(testGroup(fmt.Sprint("e", i), 2), fmt.Sprint("x", i), fmt.Sprint("y", i)), nil)
	}
	whole := contents(&v)
	for i := 0; i <= v.Len(); i++ {
		for j := i; j <= v.Len(); j++ {
			part := v.Slice(i, j)
			if got := contents(&part); part.Len() != j-i || !slices.Equal(got, whole[i:j]) {
				t.Fatalf("Slice(%d, %d) holds %d: %q, want %q", i, j, part.Len(), got, whole[i:j])
			}
			for k := range part.Batches {
				if len(part.Batches[k].Samples) == 0 {
					t.Fatalf("Slice(%d, %d) has an empty batch", i, j)
				}
			}
		}
	}
	for i := range v.Len() {
		b, at := v.At(i)
		part := v.Slice(i, i+1)
		if b.Group != part.Batches[0].Group || b.Samples[at] != part.Batches[0].Samples[0] {
			t.Errorf("At(%d) is not the sample of Slice(%d, %d)", i, i, i+1)
		}
	}
}

func TestViewLetsGoOfMemoryAfterADrain(t *testing.T) {
	g := testGroup("a", 500)
	var v View
	for range 200 {
		v.Append(intBatch(g, 0, 500), nil)
	}
	for range 2 * watchUses {
		v.Reset()
		v.Append(intBatch(g, 0, 500), nil)
	}
	if cap(v.samples) > 5000 {
		t.Errorf("room for %d samples is held for 500 at a time", cap(v.samples))
	}
}

func TestViewAppendsWithoutAllocating(t *testing.T) {
	g, texts := testGroup("a", 500), testGroup("b", 3)
	b, c := intBatch(g, 0, 500), textBatch(texts, "one", "two", "three")
	m := NewMatch(nil)
	var v View
	if n := testing.AllocsPerRun(3*watchUses, func() {
		v.Reset()
		for range 10 {
			v.Append(b, m)
			v.Append(c, m)
		}
	}); n != 0 {
		t.Errorf("%v allocations a view, want none", n)
	}
}
