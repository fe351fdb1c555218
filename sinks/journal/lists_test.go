package journal

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"

	"tagbridge/mapping"
	"tagbridge/testrig/vary"
)

// TestListsOfGroup changes each field of a group and its series in turn: both kinds of records bring it back.
func TestListsOfGroup(t *testing.T) {
	base := mapping.Group{Series: []*mapping.Series{{Tag: "t", SeriesTraits: &mapping.SeriesTraits{
		Labels: []mapping.Label{{Name: "a", Value: "b"}}, Enum: []mapping.EnumText{{Value: 1, Text: "on"}},
	}}}}
	first := mapping.NewGroup(base)
	vary.Each(base, func(name string, g mapping.Group) {
		if name == "ID" || strings.HasPrefix(name, "Withheld") {
			return // one is made of the others, the other says what never comes here
		}
		made := mapping.NewGroup(g)
		if made.ID == first.ID {
			t.Fatalf("%s: the group is the same", name) // nothing could be missing then
		}
		for typ, write := range map[uint8]func(*fieldWriter){
			typeGroup:  func(w *fieldWriter) { w.plain(made) },
			typeShared: func(w *fieldWriter) { w.shared(made) },
		} {
			var w fieldWriter
			w.head(made)
			write(&w)
			got, err := parseGroup(typ, append(binary.LittleEndian.AppendUint64(nil, made.ID), s2.Encode(nil, w.b)...))
			if err != nil || got.ID != made.ID {
				t.Errorf("%s: record of type %d: %v", name, typ, err)
			}
		}
	})
}
