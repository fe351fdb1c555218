package edit

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tagbridge/cmd/tagbridge/bridge"
)

// record is a change that is under way: it is on disk from before the first file is touched until the change is running,
// or taken back. What a start finds in it was never confirmed to anybody, and is taken back.
type record struct {
	By    string  `json:"by"`
	Swaps []*swap `json:"files"`
}

// recordIn is where the record of a bridge with this data directory lies.
func recordIn(dataDir string) string {
	return filepath.Join(bridge.HistoryIn(dataDir).Dir, "applying")
}

func (r *record) write(dataDir string) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	path := recordIn(dataDir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return bridge.ReplaceFile(path, b, 0o600)
}

func forget(dataDir string) error {
	path := recordIn(dataDir)
	if err := os.Remove(path); err != nil {
		return err
	}
	return bridge.SyncFolder(filepath.Dir(path))
}

// putAll puts all new texts in place; after an error backAll has to follow.
func (r *record) putAll() error {
	for _, s := range r.Swaps {
		if err := s.put(); err != nil {
			return err
		}
	}
	return nil
}

// backAll puts all files back.
func (r *record) backAll() error {
	var failed []error
	for _, s := range r.Swaps {
		if err := s.back(); err != nil {
			failed = append(failed, fmt.Errorf("put %s back: %w", s.Path, err))
		}
	}
	return errors.Join(failed...)
}

func (r *record) dropAll() {
	for _, s := range r.Swaps {
		s.drop()
	}
}

// Recover takes back a change of tag maps that a bridge with this data directory was making when it was killed, before
// anything is loaded: text says so, "" when there was none. It changes only files that are still as that bridge wrote them.
func Recover(dataDir string) (text string, err error) {
	b, err := os.ReadFile(recordIn(dataDir))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	var r record
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		return "", fmt.Errorf("read what was being changed: %w", err)
	}
	if err := r.backAll(); err != nil {
		return "", err
	}
	r.dropAll()
	if err := forget(dataDir); err != nil {
		return "", err
	}
	return fmt.Sprintf("a change of %d tag maps by %s was interrupted, and is taken back: apply it again", len(r.Swaps), r.By), nil
}
