package mapping

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// Interner shares series of equal content, between the devices of a configuration and over reloads. It is used by one
// goroutine.
type Interner struct {
	series map[uint64]*Series // by a hash of their content
	seed   maphash.Seed
	key    []byte
}

// Series is the first series of s's content that in was asked for. Should two contents have the same hash of 64 bits,
// the second is not shared.
func (in *Interner) Series(s *Series) *Series {
	if in.series == nil {
		in.series, in.seed = make(map[uint64]*Series), maphash.MakeSeed()
	}
	in.key = appendSeriesKey(in.key[:0], s)
	hash := maphash.Bytes(in.seed, in.key)
	known, ok := in.series[hash]
	switch {
	case !ok:
		in.series[hash] = s
		return s
	case known.Equal(s):
		return known
	}
	return s
}

// Equal reports that s and t have the same content.
func (s *Series) Equal(t *Series) bool {
	return s == t || s.Tag == t.Tag && s.Field == t.Field && s.SeriesTraits.Equal(t.SeriesTraits)
}

// Equal reports that s and t have the same content.
func (s *SeriesTraits) Equal(t *SeriesTraits) bool {
	return s == t || s.Unit == t.Unit && s.Kind == t.Kind && s.Exp == t.Exp &&
		slices.Equal(s.Labels, t.Labels) && slices.Equal(s.Enum, t.Enum)
}

func appendSeriesKey(key []byte, s *Series) []byte {
	key = append(key, byte(s.Kind), byte(s.Exp))
	key = appendText(key, s.Tag)
	key = appendText(key, s.Field)
	key = appendText(key, s.Unit)
	key = binary.AppendUvarint(key, uint64(len(s.Labels)))
	for _, l := range s.Labels {
		key = appendText(appendText(key, l.Name), l.Value)
	}
	for _, e := range s.Enum {
		key = appendText(binary.AppendVarint(key, e.Value), e.Text)
	}
	return key
}

func appendText(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}
