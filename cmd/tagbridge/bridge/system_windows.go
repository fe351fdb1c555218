package bridge

import (
	"io/fs"
	"os"
)

// SyncFolder has nothing to do: NTFS writes names to its log by itself, and syncs no folders.
func SyncFolder(string) error { return nil }

// GiveTo has nothing to do: a new file has the rights of its folder.
func GiveTo(*os.File, fs.FileInfo) {}

// holdOpen has nothing to do: a file that is open cannot be removed.
func holdOpen(*os.File) (done func()) { return func() {} }

// heldOpen has nothing to tell: removing the file does.
func heldOpen(string) bool { return false }
