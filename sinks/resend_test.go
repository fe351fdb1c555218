package sinks

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestResend has a sink refuse some values, one of which it still refuses when they are sent again.
func TestResend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		refused := []uint64{3, 40, 41, 90}
		r.sink.answer = refuse(func(v uint64) bool { return slices.Contains(refused, v) })
		wide(r.log, 100)
		r.start(ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
		r.wait(time.Minute)
		if n, err := CountRejected(dir); n != 4 || err != nil {
			t.Fatalf("CountRejected = %d, %v", n, err)
		}
		foreign := "made by hand\n"
		if err := os.WriteFile(filepath.Join(dir, "00000009.jsonl"), []byte(foreign), 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(r.sink.got)
		r.change(func() { refused = []uint64{40} })
		if err := AskResend(dir); err != nil {
			t.Fatal(err)
		}
		r.wait(time.Minute)
		if got := r.sink.got[before:]; !slices.Equal(got, []uint64{3, 41, 90}) {
			t.Errorf("sent again: %v", got)
		}
		if ResendAsked(dir) {
			t.Error("it is still asked for")
		}
		var left strings.Builder
		paths, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
		for _, path := range paths {
			text, _ := os.ReadFile(path)
			left.Write(text)
		}
		if s := left.String(); !strings.Contains(s, `"value":40,`) || !strings.Contains(s, foreign) || strings.Count(s, "\n") != 2 {
			t.Errorf("left is %q", s)
		}
		if s := r.f.Stats(); s.Rejected != 4 || s.Resent != 3 || s.Delivered != 96 || s.SetAside != 0 {
			t.Errorf("%+v", s)
		}
		if r.logged("rejected samples sent again") != 1 {
			t.Errorf("log:\n%s", r.output.String())
		}
		wide(r.log, 5) // it goes on where it was
		r.wait(time.Minute)
		if r.log.acked() != 105 {
			t.Errorf("acknowledged %d", r.log.acked())
		}
		r.stop()
	})
}

// TestResendOutlivesAStop asks while the sink is down, and stops before it is back: nothing is lost, and the next
// forwarder does it.
func TestResendOutlivesAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		r.sink.answer = refuse(func(v uint64) bool { return v < 3 })
		wide(r.log, 10)
		o := ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})}
		r.start(o)
		r.wait(time.Minute)
		r.change(func() { r.sink.answer = func(*View) (int, error) { return 0, os.ErrDeadlineExceeded } })
		if err := AskResend(dir); err != nil {
			t.Fatal(err)
		}
		r.wait(time.Minute)
		r.stop()
		if n, _ := CountRejected(dir); n != 3 || !ResendAsked(dir) {
			t.Fatalf("%d rejected samples are left, asked %v", n, ResendAsked(dir))
		}
		next := newRig(t)
		next.start(o)
		next.wait(time.Minute)
		if n, _ := CountRejected(dir); n != 0 || !slices.Equal(next.sink.got, []uint64{0, 1, 2}) || ResendAsked(dir) {
			t.Errorf("sent %v, %d left", next.sink.got, n)
		}
		next.stop()
	})
}

// TestResendKeepsCount has everything refused again by a sink whose reject store is nearly full: nothing is counted as
// lost that is still there.
func TestResendKeepsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 400
		r := newRig(t)
		dir := t.TempDir()
		r.sink.answer = func(v *View) (int, error) {
			return 0, &Fault{Action: Refuse, Refused: v.Len(), Sure: true, Err: os.ErrInvalid}
		}
		wide(r.log, n)
		store := NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})
		r.start(ForwarderOptions{Reject: store})
		r.wait(time.Minute)
		var size int64
		files, err := store.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			size += f.size
		}
		store.mu.Lock()
		store.o.MaxSize = size + size/rejectFiles
		store.mu.Unlock()
		for range 3 {
			if err := AskResend(dir); err != nil {
				t.Fatal(err)
			}
			r.wait(time.Minute)
			left, err := CountRejected(dir)
			if s := r.f.Stats(); err != nil || left != n || s.Rejected != n || s.Dropped[DroppedRotated] != 0 {
				t.Fatalf("%d are left (%v): %+v", left, err, s)
			}
		}
		r.stop()
	})
}
