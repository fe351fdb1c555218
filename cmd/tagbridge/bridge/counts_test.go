package bridge

import (
	"os"
	"testing"
	"time"

	"tagbridge/drivers"
)

// lane is the state of a device on a lane that has read it since then.
func lane(began time.Duration, polls, late, missed uint64) []drivers.DeviceState {
	return []drivers.DeviceState{{Name: "plc", Began: began, Polls: polls, Late: late, Missed: missed}}
}

func wantCounts(t *testing.T, c *counts, d []drivers.DeviceState, polls, late, missed uint64) {
	t.Helper()
	if n := c.of(&d[0]); n.Polls != polls || n.Late != late || n.Missed != missed {
		t.Errorf("counted are %+v, want %d, %d, %d", n, polls, late, missed)
	}
}

// TestCountsOutliveKillAndMove has a device be read by one lane, then by another of the process, and by that of the next
// process after a kill.
func TestCountsOutliveKillAndMove(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	c := openCounts(dir)
	keep := func(d []drivers.DeviceState, at time.Duration) {
		t.Helper()
		if err := c.keep(d, now.Add(at), false); err != nil {
			t.Fatal(err)
		}
	}
	keep(lane(1, 10, 1, 0), 0)
	keep(lane(1, 20, 2, 5), time.Second)
	wantCounts(t, c, lane(1, 21, 2, 5), 21, 2, 5)
	keep(lane(9, 3, 1, 0), 2*time.Second) // it moved
	wantCounts(t, c, lane(1, 30, 9, 9), 24, 3, 5)
	wantCounts(t, c, lane(9, 4, 1, 0), 25, 3, 5)
	since := c.of(&lane(9, 4, 1, 0)[0]).Since
	keep(lane(9, 5, 2, 0), 3*time.Second)
	c = openCounts(dir) // after a kill
	wantCounts(t, c, lane(2, 7, 0, 1), 33, 4, 6)
	if got := c.of(&lane(2, 7, 0, 1)[0]).Since; !got.Equal(since) || time.Since(got) > 10*time.Minute {
		t.Errorf("since %v, before the kill %v", got, since)
	}
}

// TestCountsDamaged has the newest file be cut at any byte, or changed: the one before counts.
func TestCountsDamaged(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	c := openCounts(dir)
	for i := range uint64(3) {
		if err := c.keep(lane(1, i, i, 0), now, true); err != nil {
			t.Fatal(err)
		}
	}
	newest := c.path(1)
	whole, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	late := func(text []byte) uint64 {
		t.Helper()
		if err := os.WriteFile(newest, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return openCounts(dir).of(&lane(1, 0, 0, 0)[0]).Late
	}
	if n := late(whole); n != 2 {
		t.Fatalf("%d are late", n)
	}
	for i := 0; i < len(whole); i += 7 {
		if n := late(whole[:i]); n != 1 {
			t.Fatalf("cut after %d bytes, %d are late", i, n)
		}
		other := append([]byte(nil), whole...)
		other[i] ^= 4
		if n := late(other); n != 1 && !(i < 40 && n == 2) { // the number in the head may be another one
			t.Fatalf("with another byte at %d, %d are late", i, n)
		}
	}
	if err := os.WriteFile(c.path(0), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	late(nil)
	if n := openCounts(dir).of(&lane(1, 5, 4, 0)[0]); n.Late != 4 || time.Since(n.Since) > 10*time.Minute {
		t.Errorf("without any file: %+v", n)
	}
}

// TestCountsAreWrittenInPlace: a full disk takes them.
func TestCountsAreWrittenInPlace(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	c := openCounts(dir)
	for i := range uint64(2) {
		if err := c.keep(lane(1, i, i, 0), now, true); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.Stat(c.path(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(100) {
		if err := c.keep(lane(1, 1e12*i, 1e12*i, 1e12*i), now, true); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.Stat(c.path(1))
	if err != nil || !os.SameFile(before, after) || before.Size() != after.Size() {
		t.Errorf("it was %d bytes and is %d, %v", before.Size(), after.Size(), err)
	}
}

// FuzzCounts reads files that anybody may have written.
func FuzzCounts(f *testing.F) {
	f.Add([]byte("tagbridge-counts 0000000000000001 8a21ea54\n{\"plc\":{\"polls\":1}}"))
	f.Add([]byte("tagbridge-counts 1 0\nnull"))
	f.Fuzz(func(t *testing.T, text []byte) {
		devices, _, err := parseCounts(text)
		for name, d := range devices {
			if d == nil || err != nil {
				t.Errorf("%q is %v, %v", name, d, err)
			}
		}
	})
}
