package journal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// aPast is a folder with a past as it can be: the clock is set back an hour now and then, sources date samples years ago,
// groups come, go and are renamed, tags are in two groups; in many segments with many blocks, each with its index.
func aPast(t testing.TB, r *rand.Rand) *memFolder {
	d := newMemFolder()
	j := openOn(t, d, Options{Keep: time.Hour, KeepSize: 1 << 30, Tail: chunkSize})
	j.files.segmentSize, j.files.blockSize = 3000+r.Int64N(20_000), 200+r.Int64N(3000)
	groups := []*mapping.Group{mixedGroup("a"), mixedGroup("b"), countGroup("a", 7), countGroup("c", 300)}
	now := int64(1_700_000_000e9)
	var b mapping.Batch
	for i := range 400 {
		switch r.IntN(60) {
		case 0:
			now -= 3600e9
		case 1:
			groups = append(groups, countGroup(fmt.Sprint("new", i), 1+r.IntN(20)))
		case 2:
			groups[r.IntN(len(groups))] = countGroup("b", 1+r.IntN(40))
		}
		now += r.Int64N(20e9)
		mixed(r, &b, groups[r.IntN(len(groups))], 1+r.IntN(60))
		for k := range b.Samples {
			b.Samples[k].Time = now
			if r.IntN(300) == 0 {
				b.Samples[k].Time -= r.Int64N(1e17)
			}
		}
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
		if r.IntN(8) == 0 {
			disk{j}.flush()
		}
	}
	disk{j}.flush()
	for (indexer{j}).indexOne(t.Context()) {
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// line is sample i of b in a few words.
func line(b *mapping.Batch, i int) string {
	s := b.Samples[i]
	text := ""
	if s.Kind == mapping.Text {
		text, s.Bits = string(b.Text(&s)), 0
	}
	return fmt.Sprintf("%s/%s %v %q", b.Group.Device, b.Group.Series[s.Index].Tag, s, text)
}

// sifted is what q asks for of all that the journal has.
func sifted(t testing.TB, in *Inspection, q Past) []string {
	type timed struct {
		time int64
		line string
	}
	var all []timed
	_, err := in.Dump(t.Context(), 0, func(_ sinks.Pos, b *mapping.Batch) error {
		for i, s := range b.Samples {
			at := time.Unix(0, s.Time)
			if q.Match.Group(b.Group).Has(s.Index) && !at.Before(q.Since) && (q.Until.IsZero() || at.Before(q.Until)) {
				all = append(all, timed{s.Time, line(b, i)})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(all, func(a, b timed) int { return int(min(max(a.time-b.time, -1), 1)) })
	lines := make([]string, len(all))
	for i := range all {
		lines[i] = all[i].line
	}
	return lines
}

// lookedBack is what LookBack finds, with so much held in memory.
func lookedBack(t testing.TB, in *Inspection, q Past, most int) ([]string, []Missing) {
	h, err := in.LookBack(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	h.most = most
	var lines []string
	if err := h.Each(t.Context(), func(b *mapping.Batch, i int) error { lines = append(lines, line(b, i)); return nil }); err != nil {
		t.Fatal(err)
	}
	if h.bytes != 0 || len(h.loaded) != 0 {
		t.Errorf("%d bytes of %d pieces are held at the end", h.bytes, len(h.loaded))
	}
	return lines, h.Missing()
}

// asked is something to be asked of aPast.
func asked(t testing.TB, r *rand.Rand) Past {
	lists := [][]string{{"*"}, {"a/t1"}, {"b/*"}, {"c/t299"}, {"*/t3"}, {"!c/*"}, {"new*"}, {"nothing/*"}, {"c/t0", "c/t150"}}
	q := Past{Match: match(t, lists[r.IntN(len(lists))]...)}
	if r.IntN(3) > 0 {
		q.Since = time.Unix(1_700_000_000+r.Int64N(4000)-1000, 0)
	}
	if r.IntN(3) > 0 {
		q.Until = time.Unix(1_700_000_000+r.Int64N(5000), 0)
	}
	return q
}

// TestLookBackFindsAll compares what is found by indexes, whatever became of them, with all that there is.
func TestLookBackFindsAll(t *testing.T) {
	found := 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		d := aPast(t, r)
		for _, spoil := range []func(map[string][]byte){
			func(map[string][]byte) {},
			func(x map[string][]byte) { // some are not there, torn, or another's
				for name := range x {
					switch r.IntN(5) {
					case 0:
						delete(x, name)
					case 1:
						x[name] = x[name][:r.IntN(len(x[name]))]
					case 2:
						x[name] = slices.Clone(x[name])
						x[name][r.IntN(len(x[name]))] ^= 1 << r.IntN(8)
					case 3:
						for _, other := range x {
							x[name] = other
							break
						}
					}
				}
			},
		} {
			indexes := make(map[string][]byte)
			for name, f := range d.files {
				if strings.HasSuffix(name, indexSuffix) {
					indexes[name] = f.data
					delete(d.files, name)
				}
			}
			if len(indexes) < 2 {
				t.Fatalf("%d indexes", len(indexes))
			}
			spoil(indexes)
			for name, b := range indexes {
				d.put(name, b)
			}
			in, err := inspectFolder(d)
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				q := asked(t, r)
				want := sifted(t, in, q)
				got, missing := lookedBack(t, in, q, r.IntN(20_000))
				if !slices.Equal(got, want) || len(missing) > 0 {
					t.Fatalf("seed %d, %+v: found %d, want %d, missing %+v", seed, q, len(got), len(want), missing)
				}
				found += len(got)
			}
		}
	}
	if found == 0 {
		t.Error("nothing was found: the test shows nothing")
	}
}

// TestLookBackDamaged garbles segments after their indexes were made: what is found is a part of what was there, in order, and
// what is not is said, unless it was of other groups.
func TestLookBackDamaged(t *testing.T) {
	damaged := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		d := aPast(t, r)
		in, err := inspectFolder(d)
		if err != nil {
			t.Fatal(err)
		}
		q := Past{Match: match(t, "a/*", "c/*")}
		want := sifted(t, in, q)
		for range 3 {
			f := d.files[in.segments[r.IntN(len(in.segments))].name()]
			f.data[r.IntN(len(f.data))] ^= 1 << r.IntN(8)
		}
		got, missing := lookedBack(t, in, q, heldMost)
		rest := want
		for _, l := range got {
			i := slices.Index(rest, l)
			if i < 0 {
				t.Fatalf("seed %d: %s was not there, or comes too late", seed, l)
			}
			rest = rest[i+1:]
		}
		if len(got) < len(want) {
			damaged++
			if len(missing) == 0 {
				t.Fatalf("seed %d: %d of %d, and nothing is said", seed, len(got), len(want))
			}
		}
	}
	if damaged == 0 {
		t.Error("nothing was damaged: the test shows nothing")
	}
}

// TestHistoryIsAsRead has the order of reading, whatever the times are.
func TestHistoryIsAsRead(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 4))
		in, err := inspectFolder(aPast(t, r))
		if err != nil {
			t.Fatal(err)
		}
		q := asked(t, r)
		var want, got []string
		_, err = in.Dump(t.Context(), 0, func(_ sinks.Pos, b *mapping.Batch) error {
			for i, s := range b.Samples {
				at := time.Unix(0, s.Time)
				if q.Match.Group(b.Group).Has(s.Index) && !at.Before(q.Since) && (q.Until.IsZero() || at.Before(q.Until)) {
					want = append(want, line(b, i))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.History(t.Context(), q, func(b *mapping.Batch, i int) error { got = append(got, line(b, i)); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: %d samples, want %d", seed, len(got), len(want))
		}
	}
}
