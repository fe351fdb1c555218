package claims

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const boiler = "tcp://10.0.0.1:502"

// shelf is a book that holds boiler with an epoch, of a bucket that was read.
type shelf struct {
	t *testing.T
	*Book
	now time.Duration
}

func newShelf(t *testing.T, epoch uint64, in ...string) *shelf {
	b := NewBook("pc-a", 7)
	b.Set(true, map[string]uint64{boiler: epoch})
	b.Begin()
	for i, value := range in {
		b.Seen(Key(boiler), uint64(i+1), []byte(value))
	}
	b.Synced()
	return &shelf{t, b, 0}
}

func claim(node string, run, epoch uint64) string {
	return fmt.Sprintf(`{"v":1,"endpoint":%q,"node":%q,"run":"%016x","epoch":%d}`, boiler, node, run, epoch)
}

func (s *shelf) found(want ...Finding) {
	s.t.Helper()
	if got := s.Findings(); !slices.Equal(got, want) {
		s.t.Errorf("found %+v, want %+v", got, want)
	}
}

// writes has one claim be written of that epoch, in place of that revision; epoch 0: none.
func (s *shelf) writes(epoch, revision uint64) (w Write) {
	s.t.Helper()
	s.now += spacing
	list := s.Next(s.now, 10)
	if epoch == 0 {
		if len(list) > 0 {
			s.t.Errorf("%+v is written", list)
		}
		return w
	}
	if len(list) != 1 || list[0].Epoch != epoch || list[0].Revision != revision {
		s.t.Fatalf("%+v is written, want epoch %d over %d", list, epoch, revision)
	}
	return list[0]
}

// TestOldClaims has the epochs of old claims go on without that reading stops, also those of an earlier process of this member.
func TestOldClaims(t *testing.T) {
	for _, old := range []string{claim("pc-b", 9, 5), claim("pc-a", 6, 5)} {
		s := newShelf(t, 1, old)
		s.found(Finding{boiler, 5, false})
		s.writes(0, 0)
		s.Set(true, map[string]uint64{boiler: 6})
		s.found()
		s.Done(s.writes(6, 1), Written, 2, s.now)
		s.writes(0, 0)
		if kept, held, wrong := s.Kept(); kept != 1 || held != 1 || wrong != "" {
			t.Errorf("%d of %d are kept, %s", kept, held, wrong)
		}
	}
	s := newShelf(t, 0, claim("pc-b", 9, 5)) // that is not held
	s.found(Finding{boiler, 5, false})
	s.Set(true, map[string]uint64{boiler: 0})
	s.found()
	s.writes(0, 0)
}

// TestTakenOver has a member stop that had written a claim, once somebody else has written a higher one, also while it is cut off.
func TestTakenOver(t *testing.T) {
	for _, joined := range []bool{true, false} {
		s := newShelf(t, 3)
		s.Done(s.writes(3, 0), Written, 1, s.now)
		s.Set(joined, map[string]uint64{boiler: 3})
		s.Seen(Key(boiler), 2, []byte(claim("pc-b", 9, 4)))
		s.found(Finding{boiler, 4, true})
	}
}

// TestReadAlone has a member that does not know who is there leave what others have written alone.
func TestReadAlone(t *testing.T) {
	s := newShelf(t, 1, claim("pc-b", 9, 5))
	s.Findings()
	s.Set(false, map[string]uint64{boiler: 1})
	s.found()
	s.Seen(Key(boiler), 2, []byte(claim("pc-b", 9, 6)))
	s.found()
	s.writes(0, 0)
	s.Set(true, map[string]uint64{boiler: 1})
	s.found(Finding{boiler, 6, false})
}

// TestLostAnswer has a claim that was written without an answer be found by the watch, and one that was not be written once the bucket was
// read anew.
func TestLostAnswer(t *testing.T) {
	s := newShelf(t, 3)
	w := s.writes(3, 0)
	s.Done(w, Unknown, 0, s.now)
	s.writes(0, 0)
	s.Seen(w.Key, 1, w.Value)
	s.writes(0, 0)
	if kept, _, _ := s.Kept(); kept != 1 {
		t.Error("what came by the watch is not kept")
	}
	s = newShelf(t, 3)
	s.Done(s.writes(3, 0), Unknown, 0, s.now)
	if s.Stale(s.now) {
		t.Error("the bucket is read at once")
	}
	if s.now += patience; !s.Stale(s.now) {
		t.Error("the bucket is not read")
	}
	s.Begin()
	s.Synced()
	s.writes(3, 0)
}

// TestFaster has a claim be written over the one of somebody who was faster, with a higher epoch.
func TestFaster(t *testing.T) {
	s := newShelf(t, 1)
	w := s.writes(1, 0)
	s.Seen(w.Key, 1, []byte(claim("pc-b", 9, 1)))
	s.Done(w, Faster, 0, s.now)
	s.found(Finding{boiler, 1, false})
	s.Set(true, map[string]uint64{boiler: 2})
	s.writes(2, 1)
}

// TestOverGarbage has what is no claim be said and be replaced, and what a newer release has written be left alone.
func TestOverGarbage(t *testing.T) {
	s := newShelf(t, 1, strings.Replace(claim("pc-b", 9, 5), `:5}`, `:18446744073709551615}`, 1))
	s.found()
	if _, _, wrong := s.Kept(); !strings.Contains(wrong, "its epoch is 18446744073709551615") {
		t.Errorf("wrong is %q", wrong)
	}
	s.Done(s.writes(1, 1), Written, 2, s.now)
	if kept, _, wrong := s.Kept(); kept != 1 || wrong != "" {
		t.Errorf("%d, %s", kept, wrong)
	}
	s.Begin() // the bucket is lost
	s.Synced()
	s.writes(1, 0)

	s = newShelf(t, 1, `{"v":2}`)
	s.writes(0, 0)
	if _, _, wrong := s.Kept(); !strings.Contains(wrong, "newer release") {
		t.Errorf("wrong is %q", wrong)
	}
	s = newShelf(t, MaxEpoch+1)
	s.writes(0, 0)
	if _, _, wrong := s.Kept(); !strings.Contains(wrong, "cannot be written") {
		t.Errorf("wrong is %q", wrong)
	}
	s = newShelf(t, 1, strings.Replace(claim("pc-b", 9, 5), "0.1", "0.2", 1))
	s.found()
	if _, _, wrong := s.Kept(); !strings.Contains(wrong, "another endpoint") {
		t.Errorf("wrong is %q", wrong)
	}
}

// TestNewEndpoints has the bucket be read anew for endpoints that came, also while it is being read.
func TestNewEndpoints(t *testing.T) {
	s := newShelf(t, 1)
	if s.Stale(0) {
		t.Error("stale at once")
	}
	s.Set(true, map[string]uint64{boiler: 1, "new": 0})
	if !s.Stale(0) {
		t.Error("not read anew")
	}
	s.Begin()
	s.Set(true, map[string]uint64{boiler: 1, "newer": 0})
	s.Synced()
	s.writes(0, 0)
	if !s.Stale(0) {
		t.Error("not read anew again")
	}
	s.Begin()
	s.Synced()
	s.writes(1, 0)
}
