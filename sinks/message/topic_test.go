package message

import (
	"fmt"
	"testing"

	"tagbridge/mapping"
)

// plant is a group of n series t0, t1 and so on of whole numbers, the odd ones in the area "b", the even ones in "a".
func plant(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: "line-3", Device: device, UnitID: 7}
	for i := range n {
		area := string(rune('a' + i%2))
		g.Series = append(g.Series, &mapping.Series{
			Tag:          fmt.Sprintf("t%d", i),
			SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int, Labels: []mapping.Label{{Name: "area", Value: area}}},
		})
	}
	return mapping.NewGroup(g)
}

// template is one that can be parsed.
func template(text string) mapping.Template {
	t, err := mapping.ParseTemplate(text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestTopics(t *testing.T) {
	g := plant("boiler.1", 1)
	g.Series[0].Tag = "zone/1/temp"
	g.Series[0].Labels = []mapping.Label{{Name: "area", Value: "hall +1#\x00"}, {Name: "odd", Value: "/$.US//c d>/"}}
	nats := Syntax{Size: 30, Reserved: " .*>"}
	for _, c := range []struct {
		text, want string
		syntax     Syntax
	}{
		{"plant/{bridge}/{device}/{tag}", "plant/line-3/boiler.1/zone/1/temp", MQTT},
		{"{label.area}/{unit_id}", "hall _1__/7", MQTT},
		{"{label.line}/x", "_/x", MQTT},
		{"$aws/rules/r/{device}", "$aws/rules/r/boiler.1", MQTT},
		{"plant.{bridge}.{device}", "plant.line-3.boiler_1", nats},
		{"plant.{device}.{tag}", "plant.boiler_1.zone.1.temp", NATS},
		{"a.{label.odd}.b.{label.line}", "a._.__US._.c_d_._.b._", NATS},
		{"{tag}{tag}", "zone.1", Syntax{Size: 7, Reserved: NATS.Reserved, Level: '.'}},
		{"{label.area}.{label.area}.{label.area}", "hall_+1#_.hall_+1#_.hall_+1#_", nats},
		{"{label.area}.{label.area}.ää{label.area}", "hall_+1#_.hall_+1#_.ääha", Syntax{Size: 26, Reserved: " .*>"}},
		{"{label.area}.{label.area}.ää{label.area}", "hall_+1#_.hall_+1#_.ä", Syntax{Size: 23, Reserved: " .*>"}},
	} {
		var all topics
		if err := all.init(template(c.text), c.syntax); err != nil {
			t.Fatal(err)
		}
		if got := all.of(g).at(0).Name; got != c.want {
			t.Errorf("%s = %q, want %q", c.text, got, c.want)
		}
	}
	if _, err := NewCutter(Options{Syntax: MQTT}); err == nil {
		t.Error("no topic was taken")
	}
	if _, err := NewCutter(Options{Topic: template("x"), Format: "xml"}); err == nil {
		t.Error("format xml was taken")
	}
}

// TestTopicsAreShared has series of one topic share it, and its Own.
func TestTopicsAreShared(t *testing.T) {
	g := plant("d", 5)
	for text, want := range map[string]int{"x": 1, "{tag}": 5, "{label.area}": 2} {
		var all topics
		if err := all.init(template(text), MQTT); err != nil {
			t.Fatal(err)
		}
		seen := map[*Topic]bool{}
		for i, s := range g.Series {
			at := all.of(g).at(uint16(i))
			seen[at] = true
			if want := string(template(text).Append(nil, g, s, MQTT.appendField)); at.Name != want {
				t.Errorf("%s of series %d = %s, want %s", text, i, at.Name, want)
			}
		}
		if len(seen) != want {
			t.Errorf("%s: %d topics, want %d", text, len(seen), want)
		}
	}
}
