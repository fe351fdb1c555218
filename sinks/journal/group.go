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

const maxGroupBytes = 64 << 20 // unpacked: 1 KiB for each of 65,536 series

// appendGroup appends the payload that defines g.
func appendGroup(dst []byte, g *mapping.Group) []byte {
	w := fieldWriters.Get().(*fieldWriter)
	defer fieldWriters.Put(w)
	w.b = w.b[:0]
	w.text(g.Bridge)
	w.text(g.Device)
	w.num(uint64(g.UnitID))
	w.text(g.Measurement)
	w.flag(g.Own)
	w.num(uint64(len(g.Series)))
	for _, s := range g.Series {
		w.series(s)
	}
	dst = binary.LittleEndian.AppendUint64(dst, g.ID)
	most := s2.MaxEncodedLen(len(w.b))
	dst = slices.Grow(dst, most)
	return append(dst, s2.Encode(dst[len(dst):len(dst)+most], w.b)...) // to where it is already
}

// parseGroup reads what appendGroup wrote. The identity is made from the content anew, so that a group is never
// taken for another one.
func parseGroup(payload []byte) (*mapping.Group, error) {
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
	g.Series = make([]*mapping.Series, r.count(mapping.MaxGroup))
	for i := range g.Series {
		s := r.series()
		if i > 0 && s.SeriesTraits.Equal(g.Series[i-1].SeriesTraits) {
			s.SeriesTraits = g.Series[i-1].SeriesTraits
		}
		g.Series[i] = s
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

// fieldWriter appends fields.
type fieldWriter struct{ b []byte }

// fieldWriters keep their memory: at the start hundreds of groups are defined one after the other.
var fieldWriters = sync.Pool{New: func() any { return new(fieldWriter) }}

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

func (w *fieldWriter) series(s *mapping.Series) {
	w.text(s.Tag)
	w.text(s.Field)
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

func (r *fieldReader) series() *mapping.Series {
	s := &mapping.Series{Tag: r.text(), Field: r.text(), SeriesTraits: &mapping.SeriesTraits{Unit: r.text()}}
	for n := r.count(len(r.b)); n > 0 && !r.failed; n-- {
		s.Labels = append(s.Labels, mapping.Label{Name: r.text(), Value: r.text()})
	}
	for n := r.count(len(r.b)); n > 0 && !r.failed; n-- {
		s.Enum = append(s.Enum, mapping.EnumText{Value: r.int(), Text: r.text()})
	}
	s.Kind, s.Exp = mapping.Kind(r.num()), int8(r.int())
	return s
}
