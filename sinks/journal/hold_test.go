package journal

import (
	"errors"
	"testing"
)

// TestHold takes a folder, opens the journal with it, and lets go of one that no journal was opened with: at no time can
// another open it meanwhile.
func TestHold(t *testing.T) {
	dir := t.TempDir()
	taken := func(when string, want bool) {
		t.Helper()
		h, err := Hold(dir)
		if errors.Is(err, ErrInUse) != want {
			t.Errorf("%s: %v", when, err)
		}
		h.Close()
	}
	taken("before", false)
	h, err := Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	taken("held", true)
	j, err := Open(Options{Dir: dir, Held: h})
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	taken("open", true)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	taken("closed", false)

	if h, err = Hold(dir); err != nil {
		t.Fatal(err)
	}
	other, err := Open(Options{Dir: t.TempDir(), Held: h})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	taken("another was opened", false)
}
