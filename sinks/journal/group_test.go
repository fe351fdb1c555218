package journal

import (
	"errors"
	"reflect"
	"testing"

	"tagbridge/mapping"
)

func TestGroupRoundTrip(t *testing.T) {
	own := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Own: true, Series: []*mapping.Series{{Tag: "_online", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Bool}}}})
	for _, g := range []*mapping.Group{plantGroup("boiler", 500), mixedGroup("press"), own, mapping.NewGroup(mapping.Group{})} {
		got, err := parseGroup(appendGroup(nil, g))
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
	if each := len(appendGroup(nil, g)) / len(g.Series); each > most {
		t.Errorf("a definition takes %d bytes a tag, want at most %d", each, most)
	}
}

func TestGroupDamage(t *testing.T) {
	payload := appendGroup(nil, mixedGroup("press"))
	for n := range payload {
		if _, err := parseGroup(payload[:n]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("group cut to %d of %d bytes: error %v, want corrupt", n, len(payload), err)
		}
	}
	for bit := range 8 * len(payload) {
		payload[bit/8] ^= 1 << (bit % 8)
		g, err := parseGroup(payload)
		if err == nil && !reflect.DeepEqual(g, mixedGroup("press")) {
			t.Errorf("bit %d flipped: read as another group %+v", bit, g)
		}
		payload[bit/8] ^= 1 << (bit % 8)
	}
}

func FuzzGroup(f *testing.F) {
	f.Add(appendGroup(nil, mixedGroup("press")))
	f.Add(appendGroup(nil, plantGroup("boiler", 20)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		g, err := parseGroup(payload)
		if err != nil {
			return
		}
		again, err := parseGroup(appendGroup(nil, g))
		if err != nil || again.ID != g.ID {
			t.Fatalf("read again: %v", err)
		}
	})
}
