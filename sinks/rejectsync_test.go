package sinks

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// watchedLog calls acked before each acknowledgement.
type watchedLog struct {
	*fakeLog
	acked func(p Pos)
}

func (l watchedLog) Ack(sink string, p Pos, d Dealt) error {
	l.acked(p)
	return l.fakeLog.Ack(sink, p, d)
}

// TestRejectedAreSyncedBeforeThePosition has every other sample refused: whenever a position is acknowledged, nothing
// rejected is left to be synced.
func TestRejectedAreSyncedBeforeThePosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewRejects(RejectsOptions{Dir: t.TempDir(), MaxSize: 1 << 20})
		sink := &fakeSink{answer: refuse(func(v uint64) bool { return v%2 == 1 })}
		log := newFakeLog()
		wide(log, 40)
		acks := 0
		f := NewForwarder(ForwarderOptions{Name: "s", Sink: sink, Reject: store, Batch: 10, Log: watchedLog{log, func(p Pos) {
			acks++
			if store.unsynced > 0 || store.folderDirty {
				t.Errorf("position %d is acknowledged with %d rejected samples not synced", p, store.unsynced)
			}
		}}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- f.Run(ctx) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := f.Stats(); s.Delivered != 20 || s.Rejected != 20 || acks == 0 {
			t.Errorf("%+v, %d acknowledgements", s, acks)
		}
		cancel()
		<-ended
		store.Close()
	})
}

// TestRejectedThatCannotBeSyncedAreCounted closes the file under the store, so that its sync fails.
func TestRejectedThatCannotBeSyncedAreCounted(t *testing.T) {
	dir := t.TempDir()
	r := NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})
	var v View
	v.Append(intBatch(testGroup("a", 3), 0, 3), nil)
	if err := r.Add(&v, "why"); err != nil {
		t.Fatal(err)
	}
	r.open.f.Close()
	if n, err := r.Sync(); err == nil || n != 3 {
		t.Errorf("Sync = %d, %v, want 3 and an error", n, err)
	}
	counts := make(map[string]uint64)
	r.countDropped(counts)
	if counts[DroppedUnwritable] != 3 {
		t.Errorf("counted %v", counts)
	}
	if err := r.Add(&v, "why"); err != nil {
		t.Errorf("Add after a failed sync: %v", err)
	}
	if _, err := r.Sync(); err != nil {
		t.Errorf("Sync of another file: %v", err)
	}
	r.Close()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%d files, %v, want the one in doubt and another", len(entries), err)
	}
}
