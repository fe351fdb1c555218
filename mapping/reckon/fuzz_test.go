package reckon

import (
	"bytes"
	"testing"
)

// FuzzParseState has states read that anybody may have written: what is read is written again as it was.
func FuzzParseState(f *testing.F) {
	w := newWorld(&testing.T{}, plantDays(1))
	for range 100 {
		w.step()
	}
	f.Add(w.r.AppendState(nil))
	f.Add([]byte{stateVersion, 0, 0, 0, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := New(specs(t))
		if _, err := r.ParseState(b, 1); err != nil {
			if !bytes.Equal(r.AppendState(nil), New(specs(t)).AppendState(nil)) {
				t.Error("a state that cannot be read has changed something")
			}
			return
		}
		r.Tick(1 << 60)
		once := r.AppendState(nil)
		again := New(specs(t))
		if _, err := again.ParseState(once, 1); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}

// TestStateIsCutAnywhere has each beginning of a state read, which is none.
func TestStateIsCutAnywhere(t *testing.T) {
	w := newWorld(t, plantDays(1))
	for range 100 {
		w.step()
	}
	whole := w.r.AppendState(nil)
	for n := range whole {
		if _, err := New(specs(t)).ParseState(whole[:n], 1); err == nil {
			t.Fatalf("a state cut to %d of %d bytes is taken", n, len(whole))
		}
	}
	r := New(specs(t))
	if _, err := r.ParseState(whole, 1); err != nil || !bytes.Equal(r.AppendState(nil), whole) {
		t.Errorf("the whole state is read as another: %v", err)
	}
}
