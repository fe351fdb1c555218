package mapping

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping/node"
	"tagbridge/testrig/vary"
)

// Lists of fields that are kept by hand are tried with a change of each field: one that is added is found missing.

// TestListsOfSeries changes each field of a group and its series: it is another group, and another series.
func TestListsOfSeries(t *testing.T) {
	base := Group{Series: []*Series{{Tag: "t", SeriesTraits: &SeriesTraits{
		Labels: []Label{{"a", "b"}}, Enum: []EnumText{{1, "on"}},
	}}}}
	vary.Each(base, func(name string, g Group) {
		if name == "ID" || strings.HasPrefix(name, "Withheld") {
			return // the one is made of the others, and what is withheld is no part of what is stored
		}
		if NewGroup(g).ID == NewGroup(base).ID {
			t.Errorf("%s: the identity of the group is the same", name)
		}
		if !strings.HasPrefix(name, "Series[0]") {
			return
		}
		was, is := base.Series[0], g.Series[0]
		if is.Equal(was) || was.Equal(is) {
			t.Errorf("%s: the series are equal", name)
		}
		if bytes.Equal(appendSeriesKey(nil, is), appendSeriesKey(nil, was)) {
			t.Errorf("%s: the keys of the series are equal", name)
		}
		if is.SeriesTraits != was.SeriesTraits && is.SeriesTraits.Equal(was.SeriesTraits) && is.Tag == was.Tag && is.Field == was.Field {
			t.Errorf("%s: the traits of the series are equal", name)
		}
	})
}

// notInRule are the fields of a tag that do not make its values, nor say which of them are sent: a reload that changes one
// of them does not send them anew.
var notInRule = []string{"Name", "Description", "Source", "Poll", "Unit", "EnumAuto", "Enum", "Labels", "Alarm"}

// TestListsOfTag changes each field of a tag: its traits are no longer equal, and it has another rule, or the field is one
// of those that have no part in it.
func TestListsOfTag(t *testing.T) {
	address, err := node.Parse("nsu=uri;s=Force")
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []Tag{
		{Traits: &Traits{Invalid: []Invalid{{}}, Enum: []EnumText{{1, "on"}}, Labels: []Label{{"a", "b"}}}},
		{Node: address, Element: node.Element{{Member: "Speed"}}, Traits: new(Traits)},
	} {
		vary.Each(base, func(name string, tag Tag) {
			top, _, _ := strings.Cut(strings.TrimSuffix(name, "[]"), ".")
			top, _, _ = strings.Cut(top, "[")
			if top == "Node" || top == "Computed" || top == "Element" || top == "Address" {
				return // see TestListsOfPlaces
			}
			if tag.Traits != base.Traits && tag.Traits.Equal(base.Traits) && !slices.Contains([]string{"Name", "Description", "Source"}, top) {
				t.Errorf("%s: the traits are equal", name)
			}
			if same := RuleOf(&tag) == RuleOf(&base); same != slices.Contains(notInRule, top) {
				t.Errorf("%s: the rule is the same: %v", name, same)
			}
		})
	}
}

// TestListsOfPlaces changes each part of where a tag is: it has another rule.
func TestListsOfPlaces(t *testing.T) {
	base := Tag{Traits: new(Traits)}
	vary.Each(base.Address, func(name string, a Address) {
		if RuleOf(&Tag{Address: a, Traits: base.Traits}) == RuleOf(&base) {
			t.Errorf("Address.%s: the rule is the same", name)
		}
	})
	// A step is one of three; the others' fields mean nothing then.
	for _, step := range []node.Step{{Index: []int{3}}, {Member: "Speed"}, {Each: true}} {
		vary.Each(step, func(name string, s node.Step) {
			kinds := 0
			for _, is := range []bool{s.Index != nil, s.Member != "", s.Each} {
				if is {
					kinds++
				}
			}
			a, b := &Tag{Element: node.Element{step}, Traits: base.Traits}, &Tag{Element: node.Element{s}, Traits: base.Traits}
			if kinds == 1 && RuleOf(a) == RuleOf(b) {
				t.Errorf("Element[0].%s: the rule is the same", name)
			}
		})
	}
}
