package edit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tagbridge/cmd/tagbridge/bridge"
)

// swap puts a text in the place of a file, and can put the file back. Beside the file lies, meanwhile, what is not in its
// place: first the new text, then the file as it was. Nothing more has to be written for any of these steps, so that a full
// disk cannot keep a file from being put back.
type swap struct {
	Path  string `json:"path"` // without links
	Old   []byte `json:"old"`
	New   string `json:"new"`             // SHA-256
	Fresh bool   `json:"fresh,omitempty"` // there was no file
	text  []byte
}

// beside is where what is not in the file's place lies.
func (s *swap) beside() string {
	return filepath.Join(filepath.Dir(s.Path), ".tagbridge-apply-"+filepath.Base(s.Path))
}

// prepare writes the new text beside the file, with the mode and owner of that.
func (s *swap) prepare() error {
	info, mode, err := s.like()
	if err != nil {
		return err
	}
	if err := os.Remove(s.beside()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(s.beside(), os.O_WRONLY|os.O_CREATE|os.O_EXCL|noFollow, 0o600)
	if err != nil {
		return err
	}
	bridge.GiveTo(f, info)
	_, err = f.Write(s.text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		s.drop()
		return fmt.Errorf("write %s: %w", s.Path, err)
	}
	return nil
}

// like is what the new text is to belong to, and its mode. A file that was not there is its folder's owner's; folders are made.
func (s *swap) like() (fs.FileInfo, fs.FileMode, error) {
	if !s.Fresh {
		info, err := os.Stat(s.Path)
		if err != nil {
			return nil, 0, err
		}
		return info, info.Mode().Perm(), nil
	}
	folder := filepath.Dir(s.Path)
	if err := makeFolder(folder); err != nil {
		return nil, 0, err
	}
	info, err := os.Stat(folder)
	return info, freshMode, err
}

// freshMode is that of files which were not there.
const freshMode = 0o640

// makeFolder makes a folder and those above it, each for the owner of the one that it is in.
func makeFolder(folder string) error {
	err := os.Mkdir(folder, 0o750)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(folder) != folder {
		if err := makeFolder(filepath.Dir(folder)); err != nil {
			return err
		}
		err = os.Mkdir(folder, 0o750)
	}
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	above, err := os.Stat(filepath.Dir(folder))
	if err != nil {
		return err
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	bridge.GiveTo(f, above)
	return bridge.SyncFolder(filepath.Dir(folder))
}

// errChanged is why a file is left as it is: somebody else has written it.
var errChanged = errors.New("the file was changed meanwhile")

// exchange puts in the file's place what lies beside it, and the file there.
func (s *swap) exchange() error {
	done, err := exchangeFiles(s.beside(), s.Path)
	if !done {
		err = s.inSteps()
	}
	if err == nil {
		err = bridge.SyncFolder(filepath.Dir(s.Path))
	}
	return err
}

// inSteps is exchange in three steps; the file is never missing.
func (s *swap) inSteps() error {
	old := s.beside() + "-old"
	_ = os.Remove(old)
	if err := os.Link(s.Path, old); err != nil {
		return err
	}
	if err := os.Rename(s.beside(), s.Path); err != nil {
		return err
	}
	return os.Rename(old, s.beside())
}

// put puts the new text in the file's place, if that is still what it was made from.
func (s *swap) put() error {
	if s.Fresh {
		return s.putFresh()
	}
	if !holds(s.Path, sumOf(s.Old)) {
		return errChanged
	}
	if err := s.exchange(); err != nil {
		return err
	}
	if holds(s.beside(), sumOf(s.Old)) {
		return nil
	}
	return errors.Join(errChanged, s.exchange())
}

// putFresh gives the new text the name of the file, unless somebody else has one there.
func (s *swap) putFresh() error {
	err := os.Link(s.beside(), s.Path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return errChanged
	case err != nil: // this file system gives no second names
		if _, there := os.Lstat(s.Path); there == nil {
			return errChanged
		}
		err = os.Rename(s.beside(), s.Path)
	}
	if err != nil {
		return err
	}
	return bridge.SyncFolder(filepath.Dir(s.Path))
}

// back puts the file back where the new text is; a file that somebody else has written since is left.
func (s *swap) back() error {
	switch {
	case !holds(s.Path, s.New):
		return nil
	case s.Fresh:
		if err := os.Remove(s.Path); err != nil {
			return err
		}
		return bridge.SyncFolder(filepath.Dir(s.Path))
	case holds(s.beside(), sumOf(s.Old)):
		return s.exchange()
	}
	s.text = s.Old
	if err := s.prepare(); err != nil {
		return err
	}
	return s.exchange()
}

// drop removes what lies beside the file.
func (s *swap) drop() { _ = os.Remove(s.beside()) }

// holds reports that the file at path has that sum.
func holds(path, sum string) bool {
	b, err := os.ReadFile(path)
	return err == nil && sumOf(b) == sum
}

func sumOf(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }
