package journal

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tagbridge/mapping"
)

// damageable is a folder with one or more segments of numbered samples, none of them acknowledged by sink s.
func damageable(t testing.TB, segments, batches int) (d *memFolder, samples int) {
	t.Helper()
	d = newMemFolder()
	groups := []*mapping.Group{countGroup("a", 3), countGroup("b", 2)}
	for range segments {
		j := openOn(t, d, Options{})
		j.Start("s", "start")
		for i := range batches {
			g := groups[i%2]
			appendCount(t, j, g, samples)
			samples += len(g.Series)
			disk{j}.flush()
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		d = d.kill()
	}
	return d, samples
}

// checkIntact reads everything in d and checks that nothing wrong is delivered, that all of it comes in order, that
// what is missing is counted, and that the journal goes on.
func checkIntact(t testing.TB, d *memFolder, samples int) (seen []int64) {
	t.Helper()
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	at := int(p)
	if at > samples {
		t.Fatalf("starts at %d of %d", at, samples)
	}
	next := j.End()
	appendCount(t, j, countGroup("new", 10), int(next))
	disk{j}.flush()
	got, end, lost := drain(t, j, p, everything)
	all := values(got)
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Fatalf("not in order or not once: %v", all)
	}
	for _, v := range all {
		if v < int64(at) || v >= int64(next)+10 {
			t.Fatalf("value %d was never written", v)
		}
	}
	if len(all) < 10 || !slices.Equal(all[len(all)-10:], numbers(int(next), 10)) {
		t.Fatalf("what was appended after the damage does not come: %v", all)
	}
	dropped := droppedOf(t, j, "s")
	if missing := uint64(end-p) - uint64(len(all)); lost != missing || dropped != missing {
		t.Fatalf("told of %d lost samples, counted %d, missing %d", lost, dropped, missing)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

func lastSegment(d *memFolder) *memFile {
	names := slices.Sorted(maps.Keys(d.files))
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, segmentSuffix) })
	return d.files[names[len(names)-1]]
}

func firstSegment(d *memFolder) *memFile {
	for _, n := range slices.Sorted(maps.Keys(d.files)) {
		if strings.HasSuffix(n, segmentSuffix) {
			return d.files[n]
		}
	}
	return nil
}

func TestTruncatedAnywhere(t *testing.T) {
	whole, samples := damageable(t, 2, 6)
	for _, pick := range []func(*memFolder) *memFile{firstSegment, lastSegment} {
		for n := range len(pick(whole).data) {
			d := whole.kill()
			f := pick(d)
			lost := f.data[n:]
			f.data = f.data[:n]
			seen := checkIntact(t, d, samples)
			want := 0 // all records before the cut
			for off := 0; off < n; {
				h := peek(f.data[off:min(off+headerSize, len(f.data))][:headerSize:headerSize])
				if off += headerSize + h.size; off > n {
					break
				}
				want += h.samples
			}
			if want += samples / 2; len(seen)-10 != want {
				t.Fatalf("cut to %d of %d bytes: %d samples, want %d", n, n+len(lost), len(seen)-10, want)
			}
		}
	}
}

func TestFlippedAnywhere(t *testing.T) {
	whole, samples := damageable(t, 2, 6)
	for _, pick := range []func(*memFolder) *memFile{firstSegment, lastSegment} {
		for bit := range 8 * len(pick(whole).data) {
			d := whole.kill()
			pick(d).data[bit/8] ^= 1 << (bit % 8)
			if seen := checkIntact(t, d, samples); len(seen)-10 < samples-samples/2 {
				t.Fatalf("bit %d flipped: %d of %d samples", bit, len(seen)-10, samples)
			}
		}
	}
}

func TestZeroTail(t *testing.T) {
	for _, zeros := range []int{1, 23, 24, 4096, 300_000} {
		d, samples := damageable(t, 1, 12)
		f := lastSegment(d)
		good := slices.Clone(f.data)
		f.data = append(f.data, make([]byte, zeros)...)
		if seen := checkIntact(t, d, samples); len(seen) != samples+10 {
			t.Errorf("%d zeros behind: %d samples, want %d", zeros, len(seen), samples+10)
		}
		aside := d.files[f.name+"."+strconv.Itoa(len(good))+corruptSuffix]
		if !bytes.Equal(f.data, good) || aside == nil || len(aside.data) != zeros {
			t.Errorf("%d zeros behind: not cut off or not kept aside", zeros)
		}
	}
}

func TestGarbageBetween(t *testing.T) {
	d, samples := damageable(t, 1, 12)
	f := lastSegment(d)
	r := rand.New(rand.NewPCG(1, 2))
	for i := 200; i < 320; i++ {
		f.data[i] = byte(r.Uint32())
	}
	seen := checkIntact(t, d, samples)
	if len(seen)-10 < samples/2 {
		t.Errorf("%d of %d samples", len(seen)-10, samples)
	}
	if n := statOf(t, openOn(t, d, Options{}), "s"); n.Samples != 0 {
		t.Errorf("behind %+v after all was read", n)
	}
}

func TestMissingSegment(t *testing.T) {
	for missing := range 3 {
		d, samples := damageable(t, 3, 12)
		names := slices.Sorted(maps.Keys(d.files))
		d.Remove(names[missing])
		seen := checkIntact(t, d, samples)
		part := samples / 3
		want := slices.Delete(numbers(0, samples), missing*part, (missing+1)*part)
		if got := seen[:len(seen)-10]; !slices.Equal(got, want) {
			t.Errorf("segment %d missing: got %v, want %v", missing, got, want)
		}
	}
}

// TestMissingBeginning removes the file that a sink was to go on in.
func TestMissingBeginning(t *testing.T) {
	d, samples := damageable(t, 3, 12)
	d.Remove(slices.Sorted(maps.Keys(d.files))[0])
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "now")
	seen, _, lost := drain(t, j, p, everything)
	if n := statOf(t, j, "s").Dropped["damage"]; p != 0 || n != lost || int(n)+len(seen) != samples || n == 0 {
		t.Errorf("from %d: %d of %d samples, lost %d, counted %v", p, len(seen), samples, lost, statOf(t, j, "s").Dropped)
	}
}

func TestDamagedSegmentIsKept(t *testing.T) {
	d, _ := damageable(t, 2, 12)
	f := firstSegment(d)
	f.data[len(f.data)/2] ^= 1
	damaged := slices.Clone(f.data)
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	drain(t, j, p, everything)
	if s := statOf(t, j, "s"); s.Dropped["damage"] == 0 {
		t.Errorf("dropped %v, want damage", s.Dropped)
	}
	disk{j}.sync()
	tidier{j}.retain(t.Context())
	kept := d.files[f.name+corruptSuffix]
	if d.files[f.name] != nil || kept == nil || !bytes.Equal(kept.data, damaged) {
		t.Error("the damaged segment was not kept aside when it went")
	}
}

// TestDefinitionDamaged garbles the definition of a group in one segment: its samples there are intact and come.
func TestDefinitionDamaged(t *testing.T) {
	for segment := range 3 {
		d, samples := damageable(t, 3, 12)
		f := d.files[slices.Sorted(maps.Keys(d.files))[segment]]
		at := headerSize + segmentHead
		if h := peek(f.data[at:]); h.typ != typeGroup {
			t.Fatalf("record of type %d, want a group", h.typ)
		}
		f.data[at+headerSize+10] ^= 1
		if seen := checkIntact(t, d, samples); len(seen) != samples+10 {
			t.Errorf("definition in segment %d garbled: %d samples, want %d", segment, len(seen), samples+10)
		}
	}
}
