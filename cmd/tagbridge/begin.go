package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/mapping/source"
	"tagbridge/sinks/journal"
)

// begun is what a run begins with.
type begun struct {
	first bridge.Loaded
	held  *journal.Held // the data directory, taken; nil: it is not, and the bridge takes it itself
	taken string        // that a change of tag maps was taken back; "": there was none
}

// begin takes the data directory and then loads the configuration, after a change of its maps that a run before did not end is
// taken back: who has the directory may be making one. An error says that another has it. Where the configuration has problems
// nothing is taken, as it may not even say which directory.
func (v runVerb) begin(load func(*source.Files) bridge.Loaded, std streams) (b begun, err error) {
	b.first = load(nil)
	dir := bridge.DataDir(b.first.Config, v.Config)
	if v.Config == "-" || b.first.Problems.HasProblems() && !edit.Unfinished(dir) {
		return b, nil
	}
	if b.held, err = bridge.Hold(dir); errors.Is(err, journal.ErrInUse) {
		if b.first.Problems.HasProblems() {
			return b, nil // which are told
		}
		return b, err
	}
	b.taken = takeBack(dir, std)
	bridge.SweepAside(foldersOf(b.first, dir)...)
	if b.taken != "" || slices.ContainsFunc(b.first.Files, bridge.File.Changed) {
		b.first = load(nil)
	}
	return b, nil
}

// foldersOf are those that a bridge replaces files in: of the configuration, of its maps and users, and of what it keeps of them.
func foldersOf(l bridge.Loaded, dataDir string) []string {
	folders := []string{bridge.HistoryIn(dataDir).Dir}
	for _, f := range l.Files {
		if f.IsText() {
			folders = append(folders, filepath.Dir(f.Path))
		}
	}
	if l.Config != nil && l.Config.Bridge.HTTP.Users != "" {
		folders = append(folders, filepath.Dir(l.Config.Bridge.HTTP.Users))
	}
	return folders
}

// takeBack takes back a change of tag maps that was interrupted, and says so. To be called by who has the data directory.
func takeBack(dataDir string, std streams) (taken string) {
	taken, err := edit.Recover(dataDir)
	switch {
	case err != nil:
		fmt.Fprintf(std.err, "tagbridge: a change of tag maps that was interrupted cannot be taken back: %v\n", err)
	case taken != "":
		fmt.Fprintf(std.err, "tagbridge: %s\n", taken)
	}
	return taken
}
