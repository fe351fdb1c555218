package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"syscall"
	"testing"
	"time"

	"tagbridge/sinks"
)

func lossAt(from, to sinks.Pos, why Reason) Loss {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	return Loss{
		From: from, To: to, Samples: uint64(to - from), Reason: why.String(),
		First: at.Add(time.Duration(from) * time.Second), Last: at.Add(time.Duration(to) * time.Second), Noted: at.Add(time.Hour),
	}
}

// written is a book in d with those losses.
func written(t *testing.T, d folder, all ...Loss) *book {
	t.Helper()
	b := &book{d: d, sink: "s"}
	for _, l := range all {
		b.add(l)
		if err := b.keep(0); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestBookCutAnywhere cuts a book at every byte: what is read is whole lines only, and what is written after it joins
// none of them.
func TestBookCutAnywhere(t *testing.T) {
	d := newMemFolder()
	all := []Loss{lossAt(10, 20, LostSize), lossAt(30, 35, LostDamage), lossAt(40, 90, LostSize)}
	b := written(t, d, all...)
	text, end := d.files["s.losses"].data, b.end
	for cut := range end {
		d := newMemFolder()
		d.files["s.losses"] = &memFile{d: d, name: "s.losses", data: append(append([]byte{}, text[:cut]...), make([]byte, len(text)-int(cut))...)}
		b, err := openBook(d, "s")
		if err != nil {
			t.Fatal(err)
		}
		whole := len(b.list)
		if whole > 0 && !reflect.DeepEqual(b.list, all[:whole]) {
			t.Fatalf("cut at %d: %+v", cut, b.list)
		}
		b.add(lossAt(200, 201, LostAge))
		if err := b.keep(0); err != nil {
			t.Fatal(err)
		}
		again, err := openBook(d, "s")
		if err != nil || !reflect.DeepEqual(again.list, append(all[:whole:whole], lossAt(200, 201, LostAge))) {
			t.Fatalf("cut at %d and written to: %+v, %v", cut, again.list, err)
		}
	}
}

// TestBookOnAFullDisk wants what is lost because the disk is full to be written into the room that the book has.
func TestBookOnAFullDisk(t *testing.T) {
	d := newMemFolder()
	b := written(t, d, lossAt(0, 5, LostSize))
	d.fail = func(op, _ string) error {
		if op == "write" && b.end > bookRoom {
			return syscall.ENOSPC
		}
		return nil
	}
	size := len(d.files["s.losses"].data)
	for i := range sinks.Pos(20) {
		b.add(lossAt(10*i+10, 10*i+15, LostSize))
		if err := b.keep(0); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.files["s.losses"].data) != size || len(b.list) != 21 {
		t.Errorf("the file grew from %d to %d bytes, %d losses", size, len(d.files["s.losses"].data), len(b.list))
	}
}

// TestBookFails fails every write for a while: nothing that was added is forgotten.
func TestBookFails(t *testing.T) {
	d := newMemFolder()
	b := written(t, d, lossAt(0, 5, LostSize))
	d.fail = func(op, _ string) error { return syscall.EIO }
	for i := range sinks.Pos(20) {
		b.add(lossAt(10*i+10, 10*i+15, LostAge))
		if b.keep(0) == nil {
			t.Fatal("no error")
		}
	}
	d.fail = nil
	if err := b.keep(0); err != nil {
		t.Fatal(err)
	}
	again, err := openBook(d, "s")
	if err != nil || len(again.list) != 21 || !reflect.DeepEqual(again.list, b.list) {
		t.Errorf("%d losses are left, %v", len(again.list), err)
	}
}

// TestBookWhoseSyncFails has a sync fail, after which what it was to make safe can be read and gets to the medium no more: the
// next one that does not fail makes all of it safe.
func TestBookWhoseSyncFails(t *testing.T) {
	for _, n := range []sinks.Pos{1, 2000} { // few lines, and so many that the book is written anew
		d := newMemFolder()
		b := written(t, d, lossAt(0, 5, LostSize))
		if err := d.Sync(); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			b.add(lossAt(10*i+10, 10*i+15, LostAge))
		}
		d.fail = func(op, _ string) error {
			if op == "sync" {
				return syscall.EIO
			}
			return nil
		}
		if b.keep(0) == nil {
			t.Fatal("no error")
		}
		d.fail = nil
		b.add(lossAt(90_000, 90_005, LostSize))
		if err := errors.Join(b.keep(0), d.Sync()); err != nil {
			t.Fatal(err)
		}
		again, err := openBook(d.cut(rand.New(rand.NewPCG(1, uint64(n)))), "s")
		if err != nil || !reflect.DeepEqual(again.list, b.list) {
			t.Errorf("of %d losses %d are left, %v", len(b.list), len(again.list), err)
		}
	}
}

// TestBookIsMadeShorter writes far more than a book is to hold: it stays small, no sample is forgotten, and what the
// sink has not passed is left exact.
func TestBookIsMadeShorter(t *testing.T) {
	d := newMemFolder()
	b := &book{d: d, sink: "s"}
	const n, passed = 5000, 40_000
	want := uint64(0)
	for i := range sinks.Pos(n) {
		b.add(lossAt(10*i, 10*i+3, Reason(i/7%2)))
		want += 3
		if err := b.keep(passed); err != nil {
			t.Fatal(err)
		}
	}
	again, err := openBook(d, "s")
	if err != nil || !reflect.DeepEqual(again.list, b.list) {
		t.Fatalf("%d losses read, %d known, %v", len(again.list), len(b.list), err)
	}
	sum := uint64(0)
	for i, l := range again.list {
		sum += l.Samples
		if i > 0 && l.From < again.list[i-1].To {
			t.Fatalf("%+v is over %+v", l, again.list[i-1])
		}
		if l.To > passed && l.To-l.From != 3 {
			t.Errorf("what is not passed was joined: %+v", l)
		}
	}
	if size := len(d.files["s.losses"].data); sum != want || size > bookMost+bookRoom {
		t.Errorf("%d samples of %d in %d bytes", sum, want, size)
	}
}

// TestEnter compares a list with the positions that were put into it one by one: the newest says why.
func TestEnter(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var list []Loss
		why := map[sinks.Pos]string{}
		for range 30 {
			from := sinks.Pos(r.IntN(100))
			l := lossAt(from, from+1+sinks.Pos(r.IntN(20)), Reason(r.IntN(3)))
			list = enter(list, l)
			for p := l.From; p < l.To; p++ {
				why[p] = l.Reason
			}
		}
		got := map[sinks.Pos]string{}
		for i, l := range list {
			if l.Samples != uint64(l.To-l.From) || i > 0 && list[i-1].To > l.From {
				t.Fatalf("seed %d: %+v", seed, list)
			}
			for p := l.From; p < l.To; p++ {
				got[p] = l.Reason
			}
		}
		if !reflect.DeepEqual(got, why) {
			t.Fatalf("seed %d: %v, want %v", seed, got, why)
		}
	}
}

func FuzzBookLine(f *testing.F) {
	f.Add(appendLine(nil, lossAt(1, 20, LostSize)))
	f.Add([]byte("{\"from\":1,\"to\":2}\t00000000\n"))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, ok := parseLine(line)
		if !ok {
			return
		}
		if again, ok := parseLine(appendLine(nil, l)); !ok || fmt.Sprint(again) != fmt.Sprint(l) {
			t.Errorf("%+v is read back as %+v, %v", l, again, ok)
		}
	})
}
