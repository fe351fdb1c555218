package journal

import "io"

// folder is the directory that a journal lives in, and file one of its files: all that a journal asks of an operating
// system, so that tests can fail any of it and cut the power.
type folder interface {
	// Names are the names of the files in the folder.
	Names() ([]string, error)
	// Create makes an empty file, in place of one of that name.
	Create(name string) (file, error)
	// Open opens a file for reading and writing.
	Open(name string) (file, error)
	Rename(from, to string) error
	Remove(name string) error
	// Sync makes what was created, renamed and removed survive a power loss.
	Sync() error
	// Removed reports that the folder is not there any more. The next Create makes it again, empty.
	Removed() bool
	// Close lets go of the folder, and with it of the lock on it.
	Close() error
}

type file interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	// Sync makes what was written survive a power loss.
	Sync() error
	Close() error
}

// The endings of the names of a journal's files.
const (
	segmentSuffix = ".seg"
	cursorSuffix  = ".cursor"
	indexSuffix   = ".index" // see index.go
	corruptSuffix = ".corrupt"
	lockName      = "lock"
)
