//go:build !linux

package journal

import (
	"os"
	"path/filepath"
)

// locked reports that a journal is open in dir. These systems do not tell who has a lock: it is looked for by taking it for
// a moment.
func locked(dir string) bool {
	f, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return false
	}
	defer f.Close() // and the lock with it
	held, err := LockHeld(f)
	return held && err == nil
}
