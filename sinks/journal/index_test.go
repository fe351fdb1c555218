package journal

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// indexed is an index of a segment as it can be.
func indexed(t testing.TB) []byte {
	d := aPast(t, rand.New(rand.NewPCG(7, 1)))
	for name, f := range d.files {
		if strings.HasSuffix(name, indexSuffix) {
			return f.data
		}
	}
	t.Fatal("there is no index")
	return nil
}

func TestIndexFile(t *testing.T) {
	b := indexed(t)
	x, err := parseIndex(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.groups) < 2 || len(x.blocks) < 2 {
		t.Fatalf("%d groups in %d blocks: the test shows little", len(x.groups), len(x.blocks))
	}
	again, err := parseIndex(x.append(nil))
	if err != nil || !reflect.DeepEqual(x, again) {
		t.Errorf("read back: %v", err)
	}
	for n := range b {
		if _, err := parseIndex(b[:n]); err == nil {
			t.Errorf("an index cut to %d of %d bytes is taken", n, len(b))
		}
	}
}

// FuzzIndex reads an index of any bytes, with the right sum: what is taken lies within its segment, and writes as it was read.
func FuzzIndex(f *testing.F) {
	b := indexed(f)
	f.Add(b)
	f.Add(b[:len(b)-3])
	f.Add((&index{}).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= 8 {
			b = withIndexSum(b)
		}
		x, err := parseIndex(b)
		if err != nil {
			return
		}
		at := x.first
		for i := range x.blocks {
			block := &x.blocks[i]
			if block.size <= 0 || block.min > block.max || at+block.size > x.of.size {
				t.Fatalf("block %d at %d: %+v", i, at, block)
			}
			setHas(block.groups, make([]bool, len(x.groups)))
			at += block.size
		}
		if again, err := parseIndex(x.append(nil)); err != nil || !reflect.DeepEqual(x, again) {
			t.Fatalf("written and read again: %v", err)
		}
	})
}

func withIndexSum(b []byte) []byte {
	b = slices.Clone(b)
	x := (&index{}).append(nil)
	copy(b, x[:4])
	return sealIndex(b)
}

func TestSets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		most := 1 + r.IntN(3000)
		var s numberSet
		in := make([]bool, most)
		for range r.IntN(200) {
			n := r.IntN(most)
			in[n] = true
			s.add(n)
		}
		set := s.take()
		got := make([]bool, most)
		if !eachOf(set, most, func(n int) bool { got[n] = true; return true }) || !slices.Equal(got, in) {
			t.Fatalf("%x is not %v", set, in)
		}
		if len(s.list) > 0 || slices.Contains(s.has, true) {
			t.Fatal("the set does not begin anew")
		}
	}
}

// names are those of the files in d with that ending.
func (d *memFolder) named(suffix string) (names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name := range d.files {
		if strings.HasSuffix(name, suffix) {
			names = append(names, strings.TrimSuffix(name, suffix))
		}
	}
	slices.Sort(names)
	return names
}

// TestIndexesGoWithSegments has the limits at work: indexes count, are there for all that is complete, and go with it.
func TestIndexesGoWithSegments(t *testing.T) {
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 100_000})
	k.j.files.blockSize = 200
	for range 100 {
		k.live(10)
		for (indexer{k.j}).indexOne(t.Context()) {
		}
		_, n, size := k.list()
		if size > 100_000 {
			t.Fatalf("%d bytes are kept", size)
		}
		segments, indexes := k.d.named(segmentSuffix), k.d.named(indexSuffix)
		if len(segments) == 0 || !slices.Equal(indexes, segments[:len(segments)-1]) {
			t.Fatalf("%d kept, segments %v, indexes %v", n, segments, indexes)
		}
		total := int64(0)
		for _, f := range k.d.files {
			if strings.HasSuffix(f.name, segmentSuffix) || strings.HasSuffix(f.name, indexSuffix) {
				total += int64(len(f.data))
			}
		}
		if got := k.j.Bytes(); got != total {
			t.Fatalf("Bytes = %d, the files have %d", got, total)
		}
	}
	k.d.files["00000001-00000000000000000000.index"] = &memFile{d: k.d} // of a segment that went while nobody knew of indexes
	before := k.j.Bytes()
	k.d = k.d.kill()
	k.open(Options{Keep: time.Hour, KeepSize: 100_000})
	for (indexer{k.j}).indexOne(t.Context()) {
	}
	if got := k.j.Bytes(); got < before {
		t.Errorf("%d bytes after a restart, before it %d: indexes that are there do not count", got, before)
	}
	if n, m := len(k.d.named(segmentSuffix)), len(k.d.named(indexSuffix)); n != m {
		t.Errorf("%d segments, %d indexes", n, m)
	}
}

// TestIndexFindsNoRoom fails the writing of indexes in each way: nothing else is touched.
func TestIndexFindsNoRoom(t *testing.T) {
	for _, broken := range []string{"create", "write", "remove"} {
		for _, err := range []error{syscall.ENOSPC, errHalf} {
			k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 1 << 30})
			k.d.fail = func(op, name string) error {
				if strings.HasSuffix(name, indexSuffix) && (op == broken || op == "write") {
					return err
				}
				return nil
			}
			for range 10 {
				k.live(10)
				for (indexer{k.j}).indexOne(t.Context()) {
				}
			}
			if k.j.Failing() != nil || len(k.d.named(indexSuffix)) > 0 && broken != "remove" {
				t.Errorf("%s %v: failing %v, indexes %v", broken, err, k.j.Failing(), k.d.named(indexSuffix))
			}
			in, problem := inspectFolder(k.d)
			if problem != nil {
				t.Fatal(problem)
			}
			if got, missing := lookedBack(t, in, Past{}, heldMost); len(got) != k.n || len(missing) > 0 {
				t.Errorf("%s %v: %d of %d samples, missing %v", broken, err, len(got), k.n, missing)
			}
		}
	}
}

// TestIndexWhileItGoes removes a segment while its index is made: none is left.
func TestIndexWhileItGoes(t *testing.T) {
	k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 1 << 30})
	k.live(200)
	var once bool
	k.d.fail = func(op, name string) error {
		if op == "write" && strings.HasSuffix(name, indexSuffix) && !once {
			once = true
			k.d.mu.Unlock()
			k.j.SetLimits(Limits{})
			tidier{k.j}.retain(context.Background())
			k.d.mu.Lock()
		}
		return nil
	}
	for (indexer{k.j}).indexOne(t.Context()) {
	}
	if n, m := k.d.named(segmentSuffix), k.d.named(indexSuffix); !once || len(n) != 1 || len(m) != 0 {
		t.Errorf("segments %v, indexes %v", n, m)
	}
}

// TestRunIndexes has Run do it.
func TestRunIndexes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(t, Options{Keep: time.Hour, KeepSize: 1 << 30})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { k.j.Run(ctx); close(ended) }()
		for range 20 {
			for range 10 {
				appendCount(t, k.j, countGroup("a", 100), k.n)
				k.n += 100
				time.Sleep(50 * time.Millisecond)
			}
			time.Sleep(5 * time.Second)
			if n, m := len(k.d.named(segmentSuffix)), len(k.d.named(indexSuffix)); m != n-1 {
				t.Fatalf("%d segments, %d indexes", n, m)
			}
		}
		cancel()
		<-ended
	})
}

// TestSegmentGoesWhileItIsRead removes the oldest segments while somebody reads them, beside the bridge: those that it has found
// are read to their end; what went before is said to be older than what there is.
func TestSegmentGoesWhileItIsRead(t *testing.T) {
	dir := hundredSeconds(t)
	in := inspect(t, dir)
	h, err := in.LookBack(t.Context(), Past{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, s := range in.segments {
		if err := os.Remove(filepath.Join(dir, s.name())); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	if err := h.Each(t.Context(), func(*mapping.Batch, int) error { n++; return nil }); err != nil || n != 2000 || len(h.Missing()) > 0 {
		t.Errorf("%d samples, missing %v, %v", n, h.Missing(), err)
	}
	missing, err := in.History(t.Context(), Past{}, func(*mapping.Batch, int) error { return errors.New("there is one") })
	if err != nil || len(missing) > 0 {
		t.Errorf("of a journal that has gone: %v, %v", missing, err)
	}
}

// TestBadIndexes tells indexes that say something else than their segments.
func TestBadIndexes(t *testing.T) {
	d := aPast(t, rand.New(rand.NewPCG(3, 1)))
	bad := func() []string {
		t.Helper()
		in, err := inspectFolder(d)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := in.Summary()
		if err != nil || sum.Indexes != len(in.segments)-1 || sum.Kept == 0 {
			t.Fatalf("%d segments, %+v, %v", len(in.segments), sum, err)
		}
		names, err := in.BadIndexes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	names := d.named(indexSuffix)
	for i, name := range names { // with blocks of the usual size, as the check has them
		in, _ := inspectFolder(d)
		groups := definitions{in: in, known: make(map[uint64]*mapping.Group)}
		x, err := buildIndex(t.Context(), d.files[in.segments[i].name()], in.segments[i], in.segments[i].size, indexing{groups: &groups})
		if err != nil {
			t.Fatal(err)
		}
		d.put(name+indexSuffix, x.append(nil))
	}
	if found := bad(); len(found) > 0 {
		t.Errorf("%v are said to be bad", found)
	}
	torn, lie := names[0]+indexSuffix, names[1]+indexSuffix
	d.put(torn, d.files[torn].data[:40])
	x, _ := parseIndex(d.files[lie].data)
	x.blocks[0].max++
	d.put(lie, x.append(nil))
	if found := bad(); !slices.Equal(found, []string{torn, lie}) {
		t.Errorf("%v are said to be bad, want %s, %s", found, torn, lie)
	}
}
