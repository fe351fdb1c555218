package source

import "fmt"

// Asked is one key that a section was asked for, as its reader takes it: what the manual lists.
type Asked struct {
	Section string // the section's What
	Key     string
	Kind    string // "" where the reader looks at the text by itself
	Default string // "" for none, or where the reader finds it by itself
	Limits  string
}

// tell notes a question where somebody wants to know of all: a. The other texts are made by more only then; it may be nil.
func (s *Section) tell(key, kind string, more func(a *Asked)) {
	if s.Doc.l.o.Asked == nil {
		return
	}
	a := Asked{Section: s.What, Key: key, Kind: kind}
	if more != nil {
		more(&a)
	}
	s.Doc.l.o.Asked(a)
}

// between are the limits of a number.
func between(low, high any) string { return fmt.Sprintf("%v to %v", low, high) }
