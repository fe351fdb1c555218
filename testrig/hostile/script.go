package hostile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Fault is one line of a script:
//
//	WHAT[:VALUE] [to=TEXT]... [after=N] [every=N] [times=N]
//
// such as "hangup to=unit:1 to=register:20 every=2": what is done to those requests that are about all of the texts; first
// after N of them went well, then to every Nth, N times in all. What is left out is: to any, after none, to every one,
// without an end.
type Fault struct {
	What, Value         string
	To                  []string
	After, Every, Times int
}

// Parse reads one line of a script.
func Parse(line string) (Fault, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Fault{}, fmt.Errorf("fault %q: it says nothing", line)
	}
	f := Fault{Every: 1}
	f.What, f.Value, _ = strings.Cut(words[0], ":")
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		if key == "to" && value != "" {
			f.To = append(f.To, value)
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: %q is none of to=TEXT, after=N, every=N, times=N", line, word)
		}
		switch key {
		case "after":
			f.After = n
		case "every":
			f.Every = n
		case "times":
			f.Times = n
		default:
			return Fault{}, fmt.Errorf("fault %q: unknown %q", line, key)
		}
	}
	return f, nil
}

// Script is the faults of one peer. It is safe for concurrent use.
type Script struct {
	kinds []string

	mu     sync.Mutex
	faults []*active
	struck int
	strike chan struct{} // closed at the next fault; nil: nobody waits for it
}

// active is a fault at work.
type active struct {
	Fault
	asked, done int
}

// newScript makes a script of lines; kinds are what the peer can do.
func newScript(kinds []string, lines []string) (*Script, error) {
	s := &Script{kinds: kinds}
	return s, s.Set(lines...)
}

// Set replaces the faults; no lines: from now on the peer is a good one.
func (s *Script) Set(lines ...string) error {
	var faults []*active
	for _, line := range lines {
		f, err := Parse(line)
		if err != nil {
			return err
		}
		if !slices.Contains(s.kinds, f.What) {
			return fmt.Errorf("fault %q: this peer knows %s", line, strings.Join(s.kinds, " "))
		}
		faults = append(faults, &active{Fault: f})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
	return nil
}

// speaksOf reports that a fault is to be done to that alone.
func (s *Script) speaksOf(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.faults, func(f *active) bool { return slices.Contains(f.To, text) })
}

// Struck is how often a fault was done.
func (s *Script) Struck() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck
}

// Strike is closed when the next fault is done.
func (s *Script) Strike() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.strike == nil {
		s.strike = make(chan struct{})
	}
	return s.strike
}

// next is the fault to do to a request that is about whatever about says; What is "" for none.
func (s *Script) next(about func(text string) bool) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if slices.ContainsFunc(f.To, func(text string) bool { return !about(text) }) {
			continue
		}
		f.asked++
		if f.asked <= f.After || (f.asked-f.After)%f.Every != 0 || f.Times > 0 && f.done >= f.Times {
			continue
		}
		f.done++
		s.struck++
		if s.strike != nil {
			close(s.strike)
			s.strike = nil
		}
		return f.Fault
	}
	return Fault{}
}
