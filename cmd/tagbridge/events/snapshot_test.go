package events

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// stormy is a store of which so many tags became bad at once, as a kill finds it a moment later.
func stormy(t *testing.T, dir string, tags int) *Store {
	t.Helper()
	s := Open(Options{Dir: dir})
	s.Add(Event{Time: at(0), Kind: Start})
	s.write(false)
	for i := range tags {
		s.Add(Event{Time: at(i), Kind: TagBad, Device: "plc", Tag: fmt.Sprint("t", i), Text: "BadDeviceFailure: broken"})
	}
	s.write(false)
	s.keepSnapshot(time.Now())
	t.Cleanup(s.pieces.close)
	return s
}

// TestStormOutlivesAKill has so many tags be bad that few of them have a line, and more than a piece begins with: since when
// each of them is bad is known after a kill all the same.
func TestStormOutlivesAKill(t *testing.T) {
	dir := t.TempDir()
	const many = mostOpen + 3000
	s := stormy(t, dir, many)
	next := Open(Options{Dir: dir})
	for i := range many {
		if since, q := next.TagBad("plc", fmt.Sprint("t", i)); !since.Equal(at(i)) || q != "BadDeviceFailure" {
			t.Fatalf("t%d is bad since %v: %s", i, since, q)
		}
	}
	s.Add(Event{Time: at(many), Kind: TagGood, Device: "plc", Tag: "t7"})
	s.write(false)
	next = Open(Options{Dir: dir})
	if list := next.BadTags("plc"); len(list) != many-1 {
		t.Errorf("%d tags are bad after one is good again", len(list))
	}
	under, err := Under(dir)
	if err != nil || len(under) != many-1 {
		t.Errorf("%d outages go on, %v", len(under), err)
	}
	s.pieces.most = 1 // the next line begins a piece, and so with outages
	s.pieces.close()
	s.Add(Event{Time: at(many + 1), Kind: Reload})
	s.write(false)
	next = Open(Options{Dir: dir})
	if list := next.BadTags("plc"); len(list) != many-1 {
		t.Errorf("%d tags are bad as the next piece has begun", len(list))
	}
}

// TestCalmHasNoSnapshot has nothing written beside the lines while they say it all.
func TestCalmHasNoSnapshot(t *testing.T) {
	dir := t.TempDir()
	stormy(t, dir, mostOfOne)
	if _, err := os.Stat(filepath.Join(dir, snapshotName)); err == nil {
		t.Error("there is a snapshot")
	}
}

// TestSnapshotIsDamaged has one that was cut off, changed, or is of another folder be as if it were not there.
func TestSnapshotIsDamaged(t *testing.T) {
	dir := t.TempDir()
	stormy(t, dir, mostOfOne+2)
	path := filepath.Join(dir, snapshotName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := func(text []byte) int {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return len(Open(Options{Dir: dir}).BadTags("plc"))
	}
	if n := bad(whole); n != mostOfOne+2 {
		t.Fatalf("%d tags are bad", n)
	}
	for i := range whole {
		if n := bad(whole[:i]); n != mostOfOne {
			t.Fatalf("cut after %d of %d bytes, %d tags are bad", i, len(whole), n)
		}
	}
	for _, other := range []string{`{"piece":2,`, `{"piece":0,`, `{"piece":-1,`, `{"piece":"x",`} {
		if n := bad(bytes.Replace(whole, []byte(`{"piece":1,`), []byte(other), 1)); n != mostOfOne {
			t.Errorf("%s: %d tags are bad", other, n)
		}
	}
	at := bytes.Index(whole, []byte(`"at":`)) + len(`"at":`)
	if n := bad(append(append(bytes.Clone(whole[:at]), '9'), whole[at:]...)); n != mostOfOne { // the piece was cut since
		t.Errorf("of a longer piece, %d tags are bad", n)
	}
}

// TestStormOutlivesAStop has a stop write what a storm has left out a moment before.
func TestStormOutlivesAStop(t *testing.T) {
	dir := t.TempDir()
	s := Open(Options{Dir: dir})
	ctx, stop := context.WithCancel(context.Background())
	s.Add(Event{Kind: Start})
	s.write(false)
	for i := range 2 * mostOfOne {
		s.Add(Event{Kind: TagBad, Device: "plc", Tag: fmt.Sprint("t", i), Text: "BadDeviceFailure"})
	}
	stop()
	s.Run(ctx)
	if n := len(Open(Options{Dir: dir}).BadTags("plc")); n != 2*mostOfOne {
		t.Errorf("%d tags are bad", n)
	}
}
