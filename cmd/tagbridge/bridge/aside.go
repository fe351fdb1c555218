package bridge

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What is to be put in the place of a file is written beside it first, under a name of its own, and held meanwhile: who was
// killed there leaves it, and the next start removes it, but no other's that is still at it.

// asideName is what such files are called; the end is digits.
const asideName = ".tagbridge-"

// createAside makes a file in dir for what is to be put in the place of another; done lets go of it.
func createAside(dir string) (f *os.File, done func(), err error) {
	if f, err = os.CreateTemp(dir, asideName+"*"); err != nil {
		return nil, nil, err
	}
	return f, holdOpen(f), nil
}

// SweepAside removes what writers that were killed have left in folders. To be called by who has the data directory.
func SweepAside(folders ...string) {
	slices.Sort(folders)
	for _, dir := range slices.Compact(folders) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // who looks into it next says so
		}
		for _, e := range entries {
			digits, ok := strings.CutPrefix(e.Name(), asideName)
			if path := filepath.Join(dir, e.Name()); ok && e.Type().IsRegular() && isNumber(digits) && !heldOpen(path) {
				_ = os.Remove(path)
			}
		}
	}
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
