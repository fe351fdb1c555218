package web

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/maphash"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// cursor is what a page has seen: of which rows, and a sum of what each showed. The page keeps it, the bridge keeps nothing:
// what changed is found by looking at the same rows again, and a cursor of other rows, or of a bridge that was started anew,
// is like none.
type cursor struct {
	list uint64 // of rows: see sumOf, and the first
	sums []uint32
}

// seed makes the sums of this run others than those of any other.
var seed = maphash.MakeSeed()

// sumOf is a sum of rows: those from first on of what was asked for, as it is picked, of a catalog.
func sumOf(catalog uint64, question string, pick uint64, first int) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:], catalog)
	binary.LittleEndian.PutUint64(b[8:], pick)
	binary.LittleEndian.PutUint64(b[16:], uint64(first))
	h.Write(b[:])
	h.WriteString(question)
	return h.Sum64()
}

// sumOfState is a sum of what a row shows of t.
func sumOfState(t *drivers.TagState) uint32 {
	var b [36]byte
	binary.LittleEndian.PutUint64(b[:], uint64(t.Sample.Time))
	binary.LittleEndian.PutUint64(b[8:], t.Sample.Bits)
	binary.LittleEndian.PutUint64(b[16:], uint64(t.Since))
	binary.LittleEndian.PutUint32(b[24:], uint32(t.Sample.Quality))
	b[28] = byte(t.Sample.Kind)
	if t.Sample.Kind == mapping.Text {
		binary.LittleEndian.PutUint64(b[8:], maphash.Bytes(seed, t.Text)) // Bits is where it was put
	}
	sum := maphash.Bytes(seed, b[:])
	if len(t.Raw) > 0 {
		sum = sum*31 + maphash.Bytes(seed, t.Raw)
	}
	if t.Error != "" {
		sum = sum*31 + maphash.String(seed, t.Error)
	}
	return uint32(sum)
}

func newCursor(list uint64, shown []state) cursor {
	c := cursor{list: list, sums: make([]uint32, len(shown))}
	for i := range shown {
		c.sums[i] = shown[i].sum
	}
	return c
}

// of is the sums of c, a page's, where they are of n rows of list; nil: it has to be told everything.
func (c cursor) of(list uint64, n int) []uint32 {
	if c.list != list || len(c.sums) != n {
		return nil
	}
	return c.sums
}

func (c cursor) String() string {
	b := binary.LittleEndian.AppendUint64(nil, c.list)
	for _, s := range c.sums {
		b = binary.LittleEndian.AppendUint32(b, s)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// cursorOf reads the parameter since of changes; the empty cursor when it is not given.
func cursorOf(given []string) (c cursor, err error) {
	if len(given) == 0 {
		return c, nil
	}
	if len(given) > 1 {
		return c, fmt.Errorf("since: one cursor, not %d", len(given))
	}
	b, err := base64.RawURLEncoding.DecodeString(given[0])
	if err != nil || len(b) < 8 || len(b)%4 != 0 || len(b) > 8+4*maxRows {
		return c, fmt.Errorf("since: %.40q is no cursor: leave it out for the first time, then send what was answered", given[0])
	}
	c.list, c.sums = binary.LittleEndian.Uint64(b), make([]uint32, len(b)/4-2)
	for i := range c.sums {
		c.sums[i] = binary.LittleEndian.Uint32(b[8+4*i:])
	}
	return c, nil
}
