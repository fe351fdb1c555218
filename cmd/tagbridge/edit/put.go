package edit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tagbridge/cmd/tagbridge/bridge"
)

// Text is what a file is to hold.
type Text struct {
	Path    string
	Content []byte
}

// Put writes files that a bridge with this data directory reads, also its configuration: all of them or none, also when it is
// killed; by is whoever is named when a start has to take it back. A file that is not there is made. No bridge is told: one
// that watches its files reads them when all are written.
func Put(dataDir, by string, texts []Text) error {
	turn, err := takeTurn(dataDir)
	if err != nil {
		return err
	}
	defer turn.Close()
	if _, err := recoverInTurn(dataDir); err != nil {
		return err
	}
	r, err := newRecord(by, texts)
	if err != nil || len(r.Swaps) == 0 {
		return err
	}
	if err := r.write(dataDir); err != nil {
		return err
	}
	if err = r.prepareAll(); err == nil {
		err = r.putAllOrNone()
	}
	if errors.Is(err, errStuck) {
		return err
	}
	r.dropAll()
	return errors.Join(err, forget(dataDir))
}

// newRecord is what is to be written so that files hold texts; those that do are left out.
func newRecord(by string, texts []Text) (*record, error) {
	r := &record{By: by}
	for _, t := range texts {
		s, err := newSwap(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Path, plain(err))
		}
		if s.Fresh || !bytes.Equal(s.Old, t.Content) {
			r.Swaps = append(r.Swaps, s)
		}
	}
	return r, nil
}

func newSwap(t Text) (*swap, error) {
	s := &swap{New: sumOf(t.Content), text: t.Content}
	target, err := filepath.EvalSymlinks(t.Path)
	if errors.Is(err, fs.ErrNotExist) {
		s.Path, s.Fresh, err = t.Path, true, nil
		if _, there := os.Lstat(t.Path); there == nil {
			err = errors.New("is a link to nothing")
		}
		return s, err
	}
	if err != nil {
		return nil, err
	}
	s.Path = target
	if err := unwritable(target); err != nil {
		return nil, err
	}
	s.Old, err = os.ReadFile(target)
	return s, err
}

// Replace is Put by the bridge itself, which reloads: when it does not take the texts, all files are as they were, and the
// problems say why.
func (e *Editor) Replace(texts []Text, note bridge.Note) (bridge.Reloaded, error) {
	e.writing.Lock()
	defer e.writing.Unlock()
	note.Comment = tidy(note.Comment)
	r, err := newRecord(note.By, texts)
	if err != nil {
		return bridge.Reloaded{}, err
	}
	if len(r.Swaps) == 0 {
		return e.bridge.Apply(context.Background(), note, func() error { return nil })
	}
	return e.commit(r, note)
}
