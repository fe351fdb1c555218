package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
)

// Label is a name and value that go with every sample of a series: an InfluxDB tag, a field of a topic template.
type Label struct{ Name, Value string }

// EnumText is one entry of an enumeration: the text that goes along with a number.
type EnumText struct {
	Value int64
	Text  string
}

// EventTag is the tag of the bridge's own events, the text of what happened to a device. Groups of it are Own.
const EventTag = "_event"

// OnlineTag is the bridge's own tag of whether a device answers. Groups of it are Own.
const OnlineTag = "_online"

// MaxGroup is how many series a group can hold: Sample.Index has sixteen bits.
const MaxGroup = 1 << 16

// Series is what sinks know of one tag besides where it was read. It is immutable once made, and the same for tags
// of equal content in different devices.
type Series struct {
	Tag           string // name of the tag, unique in its device
	Field         string // its InfluxDB field in the wide layout; the tag's name, but for the bridge's own
	*SeriesTraits        // never nil; shared by series that agree in all of it
}

// SeriesTraits are what a series is beside its names.
type SeriesTraits struct {
	Unit   string     // engineering unit
	Labels []Label    // sorted by name
	Enum   []EnumText // sorted by value
	Kind   Kind       // of a sample with a value, where it is known beforehand; else None
	Exp    int8       // exponent of Dec values
}

// EnumText is the text of value v, or "" when v has none.
func (s *Series) EnumText(v int64) string {
	i, ok := slices.BinarySearchFunc(s.Enum, v, func(e EnumText, v int64) int { return cmp.Compare(e.Value, v) })
	if !ok {
		return ""
	}
	return s.Enum[i].Text
}

// Group is what is read together: tags of one device with one period, at most MaxGroup. A sample is delivered under
// the names its group had when it was read, so a group is immutable once made and stored with its samples.
type Group struct {
	ID          uint64 // from its content: the same after a restart or a reload that changed nothing
	Bridge      string
	Device      string
	UnitID      int    // Modbus unit; 0 for OPC UA
	Measurement string // InfluxDB measurement
	Own         bool   // the bridge's own health of the device, not tags of its map
	Series      []*Series
	// Withheld are, by index, the series of which nothing leaves the lane that reads them: see ReportNone. nil: there is
	// none. It is no part of the group's identity, and not stored.
	Withheld []bool

	kinds []Kind
}

// Kinds is the Kind of each series, side by side: what passes every sample on reads it here rather than through
// thousands of pointers.
func (g *Group) Kinds() []Kind {
	if g.kinds != nil {
		return g.kinds
	}
	return kindsOf(g.Series)
}

// Withholds reports that nothing of series index leaves the lane that reads it.
func (g *Group) Withholds(index int) bool { return g.Withheld != nil && g.Withheld[index] }

// WithheldOf is Group.Withheld of the series of tags.
func WithheldOf(tags []*Tag) []bool {
	if !slices.ContainsFunc(tags, func(t *Tag) bool { return t.Withheld() }) {
		return nil
	}
	list := make([]bool, len(tags))
	for i, t := range tags {
		list[i] = t.Withheld()
	}
	return list
}

func kindsOf(series []*Series) []Kind {
	kinds := make([]Kind, len(series))
	for i, s := range series {
		kinds[i] = s.Kind
	}
	return kinds
}

// NewGroup completes g with the identity of its content.
func NewGroup(g Group) *Group {
	g.ID = g.hash()
	g.kinds = kindsOf(g.Series)
	return &g
}

// hash is over every field, each text with its length, so that no two contents run together.
func (g *Group) hash() uint64 {
	h := hasher{h: sha256.New()}
	h.text(g.Bridge)
	h.text(g.Device)
	h.num(uint64(g.UnitID))
	h.text(g.Measurement)
	h.num(uint64(b2u(g.Own)))
	h.num(uint64(len(g.Series)))
	for _, s := range g.Series {
		h.series(s)
	}
	return binary.BigEndian.Uint64(h.h.Sum(nil))
}

type hasher struct {
	h   hash.Hash
	buf []byte
}

func (h *hasher) num(v uint64) {
	h.buf = binary.AppendUvarint(h.buf[:0], v)
	h.h.Write(h.buf)
}

func (h *hasher) text(s string) {
	h.num(uint64(len(s)))
	h.buf = append(h.buf[:0], s...)
	h.h.Write(h.buf)
}

func (h *hasher) series(s *Series) {
	h.text(s.Tag)
	h.text(s.Field)
	h.text(s.Unit)
	h.num(uint64(len(s.Labels)))
	for _, l := range s.Labels {
		h.text(l.Name)
		h.text(l.Value)
	}
	h.num(uint64(len(s.Enum)))
	for _, e := range s.Enum {
		h.num(uint64(e.Value))
		h.text(e.Text)
	}
	h.num(uint64(s.Kind))
	h.num(uint64(uint8(s.Exp)))
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
