package influxd

import (
	"fmt"
	"hash/maphash"
	"slices"
)

// Keep says what a server remembers of what was written.
type Keep uint8

// What can be kept.
const (
	KeepPoints Keep = iota // every point
	KeepTimes              // times and hashes of the values: enough for duplicates and order
	KeepCount              // the number of requests and bytes: bodies are not even unpacked
)

// Count is what was written so far.
type Count struct {
	Writes    int         // requests
	Bytes     int64       // of bodies, as sent
	Points    int         // stored lines
	Values    int         // stored fields
	Repeated  int         // fields stored again with the same value
	Changed   int         // fields stored again with another value: never right
	Disorder  int         // fields older than what their series had, and new
	Conflicts int         // points dropped for a field's type, or as told
	Malformed int         // lines that are not line protocol
	Status    map[int]int // answers
	Example   string      // of the first Changed, Disorder or Malformed
}

// track is what is remembered of one field of one series.
type track struct {
	times  []int64 // ascending
	values []uint64
}

type store struct {
	keep   Keep
	seed   maphash.Seed
	points []Point
	tracks map[string]map[string]*track // by series and field
	types  map[string]string            // of a measurement's field
	count  Count
}

func newStore(keep Keep) store {
	return store{
		keep: keep, seed: maphash.MakeSeed(), tracks: make(map[string]map[string]*track),
		types: make(map[string]string), count: Count{Status: make(map[int]int)},
	}
}

// add stores p, or says why InfluxDB would not.
func (s *store) add(p *Point) error {
	for _, f := range p.Fields {
		is := fmt.Sprintf("%T", f.Value)
		if was, ok := s.types[p.Measurement+"\x00"+f.Name]; ok && was != is {
			s.count.Conflicts++
			return fmt.Errorf("field type conflict: input field %q on measurement %q is type %s, already exists as type %s",
				f.Name, p.Measurement, is, was)
		}
	}
	series := p.series()
	fields := s.tracks[series]
	if fields == nil {
		fields = make(map[string]*track)
		s.tracks[series] = fields
	}
	for _, f := range p.Fields {
		s.types[p.Measurement+"\x00"+f.Name] = fmt.Sprintf("%T", f.Value)
		t := fields[f.Name]
		if t == nil {
			t = new(track)
			fields[f.Name] = t
		}
		s.value(t, p, f)
	}
	s.count.Points++
	s.count.Values += len(p.Fields)
	if s.keep == KeepPoints {
		s.points = append(s.points, *p)
	}
	return nil
}

// value adds one field to its track and counts what is odd about it.
func (s *store) value(t *track, p *Point, f Field) {
	hash := maphash.Comparable(s.seed, f.Value)
	at, found := slices.BinarySearch(t.times, p.Time)
	switch {
	case found && t.values[at] == hash:
		s.count.Repeated++
		return
	case found:
		s.count.Changed++
		s.example("changed", p, f)
		t.values[at] = hash
		return
	case at < len(t.times):
		s.count.Disorder++
		s.example("disorder", p, f)
	}
	t.times, t.values = slices.Insert(t.times, at, p.Time), slices.Insert(t.values, at, hash)
}

func (s *store) example(what string, p *Point, f Field) {
	if s.count.Example == "" {
		s.count.Example = fmt.Sprintf("%s: %s %v %s=%v at %d", what, p.Measurement, p.Tags, f.Name, f.Value, p.Time)
	}
}
