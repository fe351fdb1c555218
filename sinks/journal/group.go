package journal

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"

	"tagbridge/mapping"
)

// A record of a group holds what its samples are to be delivered under: the group's identity (u64), then one block of
// S2 that unpacks to its fields in the order of mapping.Group, texts with their length in front, numbers as varints.
// It stands in every segment before the group's first samples there, so that segments can go one by one.
//
// Thousands of series that have one long enumeration in common do not fit so, each with a copy of it. Such a group's
// record is of another type, in which the series give the number of their traits, and these come before them once.

const maxGroupBytes = 64 << 20 // unpacked: 1 KiB for each of 65,536 series

// appendDefinition appends the payload that defines g, and returns its type. The error is about a group that could not
// be read back.
func appendDefinition(dst []byte, g *mapping.Group) (def []byte, typ uint8, err error) {
	w := fieldWriters.Get().(*fieldWriter)
	defer w.put()
	for _, typ := range []uint8{typeGroup, typeShared} {
		w.b = w.b[:0]
		w.head(g)
		if typ == typeShared {
			w.shared(g)
		} else if !w.plain(g) {
			continue
		}
		if len(w.b) > maxGroupBytes {
			continue
		}
		def := binary.LittleEndian.AppendUint64(dst, g.ID)
		most := s2.MaxEncodedLen(len(w.b))
		def = slices.Grow(def, most)
		def = append(def, s2.Encode(def[len(def):len(def)+most], w.b)...) // to where it is already
		if len(def)-len(dst) <= maxPayload {
			return def, typ, nil
		}
	}
	return dst, 0, fmt.Errorf("what the %d tags of device %s say of themselves is too long to be kept: shorten labels and enumerations, or split the device",
		len(g.Series), g.Device)
}

// parseGroup reads what appendDefinition wrote. The identity is made from the content anew, so that a group is never
// taken for another one.
func parseGroup(typ uint8, payload []byte) (*mapping.Group, error) {
	if len(payload) < 8 {
		return nil, fmt.Errorf("group of %d bytes: %w", len(payload), ErrCorrupt)
	}
	id := binary.LittleEndian.Uint64(payload)
	if n, err := s2.DecodedLen(payload[8:]); err != nil || n > maxGroupBytes {
		return nil, fmt.Errorf("group %016x of %d bytes: %w", id, n, ErrCorrupt)
	}
	b, err := s2.Decode(nil, payload[8:])
	if err != nil {
		return nil, fmt.Errorf("unpack group %016x: %w: %w", id, ErrCorrupt, err)
	}
	r := fieldReader{b: b}
	g := mapping.Group{Bridge: r.text(), Device: r.text(), UnitID: int(r.num()), Measurement: r.text(), Own: r.flag()}
	if typ == typeShared {
		g.Series = r.shared()
	} else {
		g.Series = r.plain()
	}
	if r.failed || len(r.b) > 0 {
		return nil, fmt.Errorf("fields of group %016x: %w", id, ErrCorrupt)
	}
	made := mapping.NewGroup(g)
	if made.ID != id {
		return nil, fmt.Errorf("group %016x has the content of %016x: %w", id, made.ID, ErrCorrupt)
	}
	return made, nil
}

// groupDevice is the device of the group that a record defines, of which nothing else is looked at.
func groupDevice(payload []byte) (string, error) {
	n, err := s2.DecodedLen(payload[8:])
	if err != nil || n > maxGroupBytes {
		return "", fmt.Errorf("group of %d bytes: %w", n, ErrCorrupt)
	}
	b, err := s2.Decode(nil, payload[8:])
	r := fieldReader{b: b}
	r.text() // bridge
	device := r.text()
	if err != nil || r.failed {
		return "", fmt.Errorf("fields of a group: %w", ErrCorrupt)
	}
	return device, nil
}

// fieldWriters keep their memory: at the start hundreds of groups are defined one after the other.
var fieldWriters = sync.Pool{New: func() any { return new(fieldWriter) }}

// put gives w back; what one huge group needed is not kept.
func (w *fieldWriter) put() {
	if cap(w.b) <= 4<<20 {
		fieldWriters.Put(w)
	}
}

func (w *fieldWriter) head(g *mapping.Group) {
	w.text(g.Bridge)
	w.text(g.Device)
	w.num(uint64(g.UnitID))
	w.text(g.Measurement)
	w.flag(g.Own)
}

// plain appends the series of g, each whole. It reports false once they are too long.
func (w *fieldWriter) plain(g *mapping.Group) bool {
	w.num(uint64(len(g.Series)))
	for _, s := range g.Series {
		w.text(s.Tag)
		w.text(s.Field)
		w.traits(s.SeriesTraits)
		if len(w.b) > maxGroupBytes {
			return false
		}
	}
	return true
}

// shared appends the traits of the series of g, each once, then the series with the numbers of theirs.
func (w *fieldWriter) shared(g *mapping.Group) {
	places, known := make(map[*mapping.SeriesTraits]int), make(map[string]int)
	var all fieldWriter
	for _, s := range g.Series {
		if _, ok := places[s.SeriesTraits]; ok {
			continue
		}
		from := len(all.b)
		all.traits(s.SeriesTraits)
		at, ok := known[string(all.b[from:])] // the same content may be there more than once
		if ok {
			all.b = all.b[:from]
		} else {
			at = len(known)
			known[string(all.b[from:])] = at
		}
		places[s.SeriesTraits] = at
	}
	w.num(uint64(len(known)))
	w.b = append(w.b, all.b...)
	w.num(uint64(len(g.Series)))
	for _, s := range g.Series {
		w.text(s.Tag)
		w.text(s.Field)
		w.num(uint64(places[s.SeriesTraits]))
	}
}

// fieldWriter appends fields.
type fieldWriter struct{ b []byte }

func (w *fieldWriter) num(v uint64) { w.b = binary.AppendUvarint(w.b, v) }

func (w *fieldWriter) int(v int64) { w.b = binary.AppendVarint(w.b, v) }

func (w *fieldWriter) text(s string) {
	w.num(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *fieldWriter) flag(v bool) {
	if v {
		w.num(1)
		return
	}
	w.num(0)
}

func (w *fieldWriter) traits(s *mapping.SeriesTraits) {
	w.text(s.Unit)
	w.num(uint64(len(s.Labels)))
	for _, l := range s.Labels {
		w.text(l.Name)
		w.text(l.Value)
	}
	w.num(uint64(len(s.Enum)))
	for _, e := range s.Enum {
		w.int(e.Value)
		w.text(e.Text)
	}
	w.num(uint64(s.Kind))
	w.int(int64(s.Exp))
}

// fieldReader reads fields; once one was not there, failed stays set and all that follow are empty.
type fieldReader struct {
	b      []byte
	failed bool
}

func (r *fieldReader) num() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.failed = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *fieldReader) int() int64 { return unzigzag(r.num()) }

func (r *fieldReader) flag() bool { return r.num() == 1 }

// count is a number of things that follow, of which each takes at least one byte.
func (r *fieldReader) count(most int) int {
	n := r.num()
	if n > uint64(min(most, len(r.b))) {
		r.b, r.failed = nil, true
		return 0
	}
	return int(n)
}

func (r *fieldReader) text() string {
	n := r.count(len(r.b))
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *fieldReader) plain() []*mapping.Series {
	all := make([]*mapping.Series, r.count(mapping.MaxGroup))
	for i := range all {
		s := &mapping.Series{Tag: r.text(), Field: r.text(), SeriesTraits: r.traits()}
		if i > 0 && s.SeriesTraits.Equal(all[i-1].SeriesTraits) {
			s.SeriesTraits = all[i-1].SeriesTraits
		}
		all[i] = s
	}
	return all
}

func (r *fieldReader) shared() []*mapping.Series {
	traits := make([]*mapping.SeriesTraits, r.count(mapping.MaxGroup))
	for i := range traits {
		traits[i] = r.traits()
	}
	all := make([]*mapping.Series, r.count(mapping.MaxGroup))
	for i := range all {
		s := &mapping.Series{Tag: r.text(), Field: r.text(), SeriesTraits: new(mapping.SeriesTraits)}
		if n := r.num(); n < uint64(len(traits)) {
			s.SeriesTraits = traits[n]
		} else {
			r.failed = true
		}
		all[i] = s
	}
	return all
}

func (r *fieldReader) traits() *mapping.SeriesTraits {
	s := &mapping.SeriesTraits{Unit: r.text()}
	for n := r.count(len(r.b)); n > 0 && !r.failed; n-- {
		s.Labels = append(s.Labels, mapping.Label{Name: r.text(), Value: r.text()})
	}
	for n := r.count(len(r.b)); n > 0 && !r.failed; n-- {
		s.Enum = append(s.Enum, mapping.EnumText{Value: r.int(), Text: r.text()})
	}
	s.Kind, s.Exp = mapping.Kind(r.num()), int8(r.int())
	return s
}
