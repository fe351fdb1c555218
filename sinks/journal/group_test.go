package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"tagbridge/mapping"
)

func TestGroupRoundTrip(t *testing.T) {
	own := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Own: true, Series: []*mapping.Series{{Tag: "_online", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Bool}}}})
	for _, g := range []*mapping.Group{plantGroup("boiler", 500), mixedGroup("press"), own, mapping.NewGroup(mapping.Group{})} {
		got, err := reread(g)
		if err != nil {
			t.Fatalf("group of %s: %v", g.Device, err)
		}
		if len(g.Series) > 0 && !reflect.DeepEqual(got, g) {
			t.Errorf("group of %s: read %+v, want %+v", g.Device, got, g)
		}
	}
}

func TestGroupSize(t *testing.T) {
	const most = 20
	g := plantGroup("boiler", 500)
	if each := len(define(g)) / len(g.Series); each > most {
		t.Errorf("a definition takes %d bytes a tag, want at most %d", each, most)
	}
}

func TestGroupDamage(t *testing.T) {
	payload := define(mixedGroup("press"))
	for n := range payload {
		if _, err := parseGroup(typeGroup, payload[:n]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("group cut to %d of %d bytes: error %v, want corrupt", n, len(payload), err)
		}
	}
	for bit := range 8 * len(payload) {
		payload[bit/8] ^= 1 << (bit % 8)
		g, err := parseGroup(typeGroup, payload)
		if err == nil && !reflect.DeepEqual(g, mixedGroup("press")) {
			t.Errorf("bit %d flipped: read as another group %+v", bit, g)
		}
		payload[bit/8] ^= 1 << (bit % 8)
	}
}

func FuzzGroup(f *testing.F) {
	f.Add(define(mixedGroup("press")))
	f.Add(define(plantGroup("boiler", 20)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		g, err := parseGroup(typeGroup, payload)
		if err != nil {
			return
		}
		again, err := reread(g)
		if err != nil || again.ID != g.ID {
			t.Fatalf("read again: %v", err)
		}
	})
}

// define is the payload that defines g.
func define(g *mapping.Group) []byte {
	def, _, _ := appendDefinition(nil, g)
	return def
}

// reread is g as a reader has it.
func reread(g *mapping.Group) (*mapping.Group, error) {
	def, typ, err := appendDefinition(nil, g)
	if err != nil {
		return nil, err
	}
	return parseGroup(typ, def)
}

// longGroup is a group of n series, which have in common an enumeration of so many texts of 40 letters, or have a
// random label each.
func longGroup(n, texts, label int) *mapping.Group {
	r := rand.New(rand.NewPCG(1, 1))
	g := mapping.Group{Bridge: "b", Device: "a", Measurement: "a"}
	common := &mapping.SeriesTraits{Kind: mapping.Int64}
	for i := range texts {
		common.Enum = append(common.Enum, mapping.EnumText{Value: int64(i), Text: fmt.Sprintf("%040d", i)})
	}
	for i := range n {
		traits := common
		if label > 0 {
			b := make([]byte, label)
			for k := range b {
				b[k] = byte(' ' + r.IntN(94))
			}
			traits = &mapping.SeriesTraits{Kind: mapping.Int64, Labels: []mapping.Label{{Name: "x", Value: string(b)}}}
		}
		tag := fmt.Sprint("t", i)
		g.Series = append(g.Series, &mapping.Series{Tag: tag, Field: tag, SeriesTraits: traits})
	}
	return mapping.NewGroup(g)
}

// TestLongGroups defines groups that take long: what is written can be read, and what could not be is refused.
func TestLongGroups(t *testing.T) {
	for _, c := range []struct {
		n, texts, label int
		typ             uint8
	}{
		{200, 250, 0, typeGroup}, {7000, 250, 0, typeShared}, {2000, 0, 400, typeGroup}, {20_000, 0, 1000, 0},
	} {
		g := longGroup(c.n, c.texts, c.label)
		def, typ, err := appendDefinition(nil, g)
		if typ != c.typ || (err != nil) != (c.typ == 0) {
			t.Errorf("%+v: a record of type %d, %v", c, typ, err)
		}
		if err != nil {
			continue
		}
		got, err := parseGroup(typ, def)
		if err != nil || got.ID != g.ID {
			t.Errorf("%+v: %v", c, err)
		}
		if typ == typeShared && got.Series[0].SeriesTraits != got.Series[c.n-1].SeriesTraits {
			t.Errorf("%+v: read back, each series has traits of its own", c)
		}
	}
}
