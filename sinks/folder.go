package sinks

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// MakeFolder makes the folder at path and those above it that are not there, and syncs the entry of each that it made: it
// is still there after a power loss.
func MakeFolder(path string, perm fs.FileMode) error {
	path = filepath.Clean(path)
	var made []string
	for at := path; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || !errors.Is(err, fs.ErrNotExist) {
			break // os.MkdirAll says what is the matter, if anything
		}
		made = append(made, filepath.Dir(at))
		if filepath.Dir(at) == at {
			break
		}
	}
	if err := os.MkdirAll(path, perm); err != nil {
		return err
	}
	for _, parent := range made {
		if err := syncFolder(parent); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder makes what was created, renamed and removed in the folder at path survive a power loss.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS writes names to its log by itself, and syncs no folders
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil // some file systems have no such thing
	}
	return errors.Join(err, f.Close())
}

// ReplaceFile has the file at path hold content, in its folder, which is there: as a whole or not at all, also after a
// power loss.
func ReplaceFile(path string, content []byte, perm fs.FileMode) error {
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
