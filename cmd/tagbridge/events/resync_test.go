package events

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// dropping is a disk that says once that it could not write, and has thrown away what it could not.
type dropping struct {
	piece
	path  string
	kept  *int64 // what the last sync that went well has covered
	fails *int
	drops bool
}

var errDropped = errors.New("input/output error")

func (d dropping) Sync() error {
	info, err := d.Stat()
	if err != nil {
		return err
	}
	if *d.fails == 0 {
		*d.kept = info.Size()
		return nil
	}
	*d.fails--
	if d.drops {
		err = os.Truncate(d.path, *d.kept)
	}
	return errors.Join(errDropped, err)
}

// TestFailedSync fails the sync of events once, or twice, with what was written since the last thrown away or still there:
// each of them is read once.
func TestFailedSync(t *testing.T) {
	for _, drops := range []bool{true, false} {
		for fails := range 3 {
			dir := t.TempDir()
			s := Open(Options{Dir: dir})
			left := 0
			s.pieces.open = func(path string) (piece, error) {
				f, err := openPiece(path)
				kept := int64(0)
				if info, err := os.Stat(path); err == nil {
					kept = info.Size()
				}
				return dropping{f, path, &kept, &left, drops}, err
			}
			add := func(i int, text string) {
				s.Add(Event{Time: at(i), Kind: Edit, Text: text})
				s.write(true)
			}
			add(0, "safe")
			s.say(s.pieces.sync())
			add(1, "one")
			add(2, "two")
			left = fails
			for range fails + 1 {
				s.say(s.pieces.sync())
			}
			if err := s.Failing(); err != nil {
				t.Errorf("it is still failing: %v", err)
			}
			add(3, "after")
			s.say(s.pieces.sync())
			s.pieces.close()
			if got := texts(t, dir, Query{}); !slices.Equal(got, []string{"safe", "one", "two", "after"}) {
				files, _ := filepath.Glob(filepath.Join(dir, "*"))
				t.Errorf("drops %v, %d syncs failed: read are %q in %v", drops, fails, got, files)
			}
		}
	}
}
