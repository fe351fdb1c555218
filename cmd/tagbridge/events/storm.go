package events

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A storm is many events of one kind within a minute. So many of one device or sink have a line each, and so many of all;
// the others are counted, and get one line together once the minute is over.
const (
	stormTime   = time.Minute
	mostOfOne   = 10
	mostOfAKind = 2000
)

// about is what is counted together: a kind, of one device or sink or of all.
type about struct {
	kind         Kind
	device, sink string
}

// spate is the events about one thing in the present minute.
type spate struct {
	began       time.Time
	n           int
	more        int // of n, those without a line
	first, last time.Time
}

// storms decides which events get a line. The zero value is ready.
type storms struct{ spates map[about]*spate }

// takes reports that e, which happened at now, gets a line.
func (s *storms) takes(e *Event, now time.Time) bool {
	if e.Kind == Start || e.Kind == Stop || e.More > 0 {
		return true
	}
	one := s.of(about{e.Kind, e.Device, e.Sink}, now)
	one.n++
	if one.n > mostOfOne {
		one.leaveOut(e)
		return false
	}
	all := s.of(about{kind: e.Kind}, now)
	all.n++
	if all.n > mostOfAKind && e.Device+e.Sink != "" {
		all.leaveOut(e)
		return false
	}
	return true
}

func (s *storms) of(a about, now time.Time) *spate {
	if s.spates == nil {
		s.spates = make(map[about]*spate)
	}
	if s.spates[a] == nil {
		s.spates[a] = &spate{began: now}
	}
	return s.spates[a]
}

func (s *spate) leaveOut(e *Event) {
	if s.more == 0 {
		s.first = e.Time
	}
	s.more++
	s.last = e.Time
}

// over takes away what is a minute old at now, or everything, and returns a line for each that left something out.
func (s *storms) over(now time.Time, everything bool) []Event {
	var list []Event
	maps.DeleteFunc(s.spates, func(a about, p *spate) bool {
		if since := now.Sub(p.began); !everything && since >= 0 && since < stormTime {
			return false
		}
		if p.more > 0 {
			list = append(list, p.line(a))
		}
		return true
	})
	slices.SortFunc(list, func(a, b Event) int { return a.Time.Compare(b.Time) })
	return list
}

func (s *spate) line(a about) Event {
	of := a.device
	if of == "" {
		of = a.sink
	}
	if of != "" {
		of = " of " + of
	}
	const form = "2006-01-02T15:04:05Z"
	return Event{
		Time: s.last, Kind: a.kind, Device: a.device, Sink: a.sink, More: s.more, First: s.first,
		Text: fmt.Sprintf("and %s more %s%s, the first at %s, the last at %s",
			thousands(s.more), a.kind, of, s.first.UTC().Format(form), s.last.UTC().Format(form)),
	}
}

// thousands is n with commas.
func thousands(n int) string {
	digits := fmt.Sprint(n)
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, parts...), ",")
}
