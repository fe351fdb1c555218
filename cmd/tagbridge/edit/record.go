package edit

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tagbridge/cmd/tagbridge/bridge"
)

// record is a change that is under way: it is on disk from before anything is written beside the first file until the change
// is running, or taken back. What a start finds in it was never confirmed to anybody, and is taken back.
type record struct {
	By    string  `json:"by"`
	Swaps []*swap `json:"files"`
}

// recordIn is where the record of a bridge with this data directory lies.
func recordIn(dataDir string) string {
	return bridge.HistoryIn(dataDir).Changing()
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
	if err := writeWhole(path+unfinished, b); err != nil {
		return errors.Join(err, os.Remove(path+unfinished))
	}
	if err := os.Rename(path+unfinished, path); err != nil {
		return err
	}
	return bridge.SyncFolder(filepath.Dir(path))
}

// unfinished is what a record is called while it is written, always the same, so that a start finds it.
const unfinished = ".new"

func writeWhole(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|noFollow, 0o600)
	if err != nil {
		return err
	}
	if folder, err := os.Stat(filepath.Dir(path)); err == nil {
		bridge.GiveTo(f, folder) // whose owner takes it back, when root was killed
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func forget(dataDir string) error {
	path := recordIn(dataDir)
	if err := os.Remove(path); err != nil {
		return err
	}
	return bridge.SyncFolder(filepath.Dir(path))
}

// prepareAll writes all new texts beside their files.
func (r *record) prepareAll() error {
	for _, s := range r.Swaps {
		if err := s.prepare(); err != nil {
			return err
		}
	}
	return nil
}

// putAllOrNone puts all new texts in place. After an error the files are as they were, or it is errStuck as well.
func (r *record) putAllOrNone() error {
	for _, s := range r.Swaps {
		if err := s.put(); err != nil {
			return errors.Join(err, r.backAll())
		}
	}
	return nil
}

// errStuck is why files are not as they were before a change: the record of that has to stay.
var errStuck = errors.New("the next start of the bridge tries again")

// backAll puts all files back; an error is errStuck as well.
func (r *record) backAll() error {
	var failed []error
	for _, s := range r.Swaps {
		if err := s.back(); err != nil {
			failed = append(failed, fmt.Errorf("put %s back: %w", s.Path, err))
		}
	}
	if len(failed) > 0 {
		failed = append(failed, errStuck)
	}
	return errors.Join(failed...)
}

func (r *record) dropAll() {
	for _, s := range r.Swaps {
		s.drop()
	}
}

// Unfinished reports that files of a bridge with this data directory are being changed, or that who did that was killed.
func Unfinished(dataDir string) bool {
	_, err := os.Stat(recordIn(dataDir))
	return err == nil
}

// Recover takes back a change of files that was being made for a bridge with this data directory when whoever made it was
// killed, before anything is loaded: text says so, "" when there was none. It changes only files that are still as they were
// written by that. An error is ErrBusy while a change is being made.
func Recover(dataDir string) (text string, err error) {
	if !Unfinished(dataDir) {
		_ = os.Remove(recordIn(dataDir) + unfinished)
		return "", nil
	}
	turn, err := takeTurn(dataDir)
	if err != nil {
		return "", err
	}
	defer turn.Close()
	return recoverInTurn(dataDir)
}

// recoverInTurn is Recover of who has the turn.
func recoverInTurn(dataDir string) (text string, err error) {
	_ = os.Remove(recordIn(dataDir) + unfinished)
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
	return fmt.Sprintf("a change of %d files by %s was interrupted, and is taken back: make it again", len(r.Swaps), r.By), nil
}
