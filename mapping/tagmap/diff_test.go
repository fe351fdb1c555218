package tagmap

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/node"
	"tagbridge/testrig/vary"
)

// TestSameTag changes every field of a tag in turn, however deep: only the place in the map makes no difference.
func TestSameTag(t *testing.T) {
	base := mapping.Tag{Traits: &mapping.Traits{
		Invalid: []mapping.Invalid{{}}, Enum: []mapping.EnumText{{}}, Labels: []mapping.Label{{}},
	}}
	vary.Each(base, func(name string, tag mapping.Tag) {
		if same := sameTag(&base, &tag); same != strings.HasPrefix(name, "Source.") && !ofNode(name) {
			t.Errorf("a difference in %s: same %v", name, same)
		}
	})
}

// ofNode reports a part of an address that was not parsed, which is like no other by its text.
func ofNode(name string) bool {
	return strings.HasPrefix(name, "Node.") || strings.HasPrefix(name, "Computed")
}

// TestKeeperTraits changes every field of traits in turn: they are not shared any more.
func TestKeeperTraits(t *testing.T) {
	base := mapping.Traits{Invalid: []mapping.Invalid{{}}, Enum: []mapping.EnumText{{}}, Labels: []mapping.Label{{}}}
	k := newKeeper()
	if again := base; k.traits(&base) != k.traits(&again) {
		t.Fatal("equal traits are not shared")
	}
	vary.Each(base, func(name string, traits mapping.Traits) {
		if k.traits(&base) == k.traits(&traits) {
			t.Errorf("a difference in %s: shared", name)
		}
	})
}

// untold are the fields of a tag whose changes are not told: the name is what two tags are compared by, the place in the
// map is no change of the tag, and what an invalid value means is made of its text.
var untold = []string{
	"Name", "Source.File", "Source.Line", "Invalid[0].Hex", "Invalid[0].Bits", "Invalid[0].Value.Mant", "Invalid[0].Value.Exp",
}

// TestTagChanges changes every field of tags in turn: the change is told, whatever part of the tag it is in. What means
// nothing in one of these tags does in another.
func TestTagChanges(t *testing.T) {
	one := mapping.Decimal{Mant: 1}
	linear := mapping.Traits{
		Type: mapping.TypeString, Invalid: []mapping.Invalid{{Text: "1"}}, Enum: []mapping.EnumText{{}}, Labels: []mapping.Label{{}},
		Scaling: mapping.Scaling{Kind: mapping.Linear, Scale: one, Offset: one},
	}
	ranged := mapping.Traits{
		Scaling: mapping.Scaling{Kind: mapping.FromRange, RawMin: one, RawMax: one, EngMin: one, EngMax: one},
		Min:     mapping.Bound{Set: true, Decimal: one}, Max: mapping.Bound{Set: true, Decimal: one},
	}
	address, err := node.Parse("ns=2;s=Force")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, base := range []mapping.Tag{
		{Traits: &linear}, {Traits: &ranged, Address: mapping.Address{Part: mapping.Bit}},
		{Traits: &linear, Node: address, Element: node.Element{{Index: []int{1}}}},
		{Traits: &linear, Node: address, Element: node.Element{{Member: "Speed"}}},
	} {
		vary.Each(base, func(name string, tag mapping.Tag) {
			told[name] = told[name] || len(tagChanges(&base, &tag)) > 0
		})
	}
	for name, is := range told {
		if !ofNode(name) && is == slices.Contains(untold, name) {
			t.Errorf("a difference in %s is told: %v", name, is)
		}
	}
}
