package source

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration or a tag map, or, as a Warning, one that may be. Its message
// says what and how to mend it, and never holds a secret.
type Problem struct {
	File          string
	Line, Column  int // from 1, the column in characters; 0: the file as a whole
	Warning       bool
	MissingSecret bool // a ${…} whose variable, file or credential is not there
	// MissingPart is "devices" or "sinks" where the configuration does not have that key, not even with nothing behind it:
	// a file that is half written looks like that.
	MissingPart string
	// Header is the column of a tag map, or the key of a row, whose cell it is about; "" where it is about more than one.
	Header  string
	Message string
}

// String is p as check prints it.
func (p Problem) String() string {
	kind := "problem"
	if p.Warning {
		kind = "warning"
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, max(p.Line, 1), max(p.Column, 1), kind, p.Message)
}

// Problems is everything that was found, in the order of its places: the configuration first, then the tag maps by name.
type Problems []Problem

// HasProblems reports that there is more than warnings.
func (ps Problems) HasProblems() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return !p.Warning })
}

// OnlyMissingSecrets reports that there are problems and all of them are secrets that are not there: the configuration
// may be right, and this machine cannot run it now.
func (ps Problems) OnlyMissingSecrets() bool {
	return ps.HasProblems() &&
		!slices.ContainsFunc(ps, func(p Problem) bool { return !p.Warning && !p.MissingSecret })
}

// Err is nil when there are only warnings, else an error that says the first problem and how many there are.
func (ps Problems) Err() error {
	count, first := 0, ""
	for _, p := range ps {
		if p.Warning {
			continue
		}
		if count == 0 {
			first = p.String()
		}
		count++
	}
	switch count {
	case 0:
		return nil
	case 1:
		return errors.New(first)
	}
	return fmt.Errorf("%s (and %d more problems)", first, count-1)
}

// sorted is ps in the order of places, root's first, and each but once: a map that several devices share is read with
// the defaults of each.
func (ps Problems) sorted(root string) Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.File != b.File && (a.File == root || b.File == root) {
			if a.File == root {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	seen := make(map[Problem]bool)
	return slices.DeleteFunc(ps, func(p Problem) bool {
		known := seen[p]
		seen[p] = true
		return known
	})
}
