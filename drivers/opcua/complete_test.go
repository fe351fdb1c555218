package opcua

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"tagbridge/drivers"
	"tagbridge/mapping"
	rig "tagbridge/testrig/opcua"
)

// openJob is a job of tags whose maps leave things open to the server.
func openJob(tags []*mapping.Tag, o PlanOptions) *drivers.Job {
	o.Maps = tags
	o.Remake = func(list []*mapping.Tag) mapping.Compiled {
		j := jobOf(list, o)
		return mapping.Compiled{Group: j.Group, Codecs: j.Work.(*Plan).codecs, Filter: j.Filter}
	}
	j := jobOf(Complete(tags, nil), o)
	j.Period = 50 * time.Millisecond
	return j
}

// series are the names of what j reads, with their units and texts.
func series(j *drivers.Job) []string {
	var list []string
	for _, s := range j.Current().Series {
		list = append(list, fmt.Sprintf("%s|%s|%v", s.Tag, s.Unit, s.Enum))
	}
	return list
}

func unit(name string) *ua.ExtensionObject {
	return ua.NewExtensionObject(&ua.EUInformation{DisplayName: ua.NewLocalizedText(name), Description: ua.NewLocalizedText("")})
}

var modes = map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true, Period: 50 * time.Millisecond}}

// TestServerFillsIn has the server tell units and texts where the map has none, before the first sample is sent.
func TestServerFillsIn(t *testing.T) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{
				Nodes: map[string]any{"ns=1;s=a": 1.5, "ns=1;s=b": 2.5, "ns=1;s=c": 3.5, "ns=1;s=state": int32(2), "ns=1;s=mode": int32(7), "ns=1;s=on": true, "ns=1;s=x": int32(1)},
				Properties: map[string]map[string]any{
					"ns=1;s=a":     {"EngineeringUnits": unit(" k\nN\x01")},
					"ns=1;s=b":     {"EngineeringUnits": unit("bar")},
					"ns=1;s=c":     {"EngineeringUnits": unit("bar")},
					"ns=1;s=state": {"EnumStrings": []*ua.LocalizedText{ua.NewLocalizedText("stopped"), ua.NewLocalizedText(""), ua.NewLocalizedText("jammed")}},
					"ns=1;s=mode": {"EnumValues": []*ua.ExtensionObject{
						ua.NewExtensionObject(&ua.EnumValueType{Value: 7, DisplayName: ua.NewLocalizedText("auto"), Description: ua.NewLocalizedText("")}),
						ua.NewExtensionObject(&ua.EnumValueType{Value: -1, DisplayName: ua.NewLocalizedText("fault"), Description: ua.NewLocalizedText("")}),
					}},
					"ns=1;s=on": {"FalseState": ua.NewLocalizedText("shut"), "TrueState": ua.NewLocalizedText("open")},
					"ns=1;s=x":  {"EnumStrings": []*ua.LocalizedText{ua.NewLocalizedText("not asked for")}},
				},
			})
			list := tags("ns=1;s=a", "ns=1;s=b", "ns=1;s=c", "ns=1;s=state", "ns=1;s=mode", "ns=1;s=on", "ns=1;s=x", "ns=1;s=gone")
			list[1].Unit = "hPa"
			list[2].Scaling = mapping.Scaling{Kind: mapping.Linear, Scale: mapping.Decimal{Mant: 2}}
			for _, i := range []int{3, 4, 5, 7} {
				list[i].EnumAuto = true
			}
			j := openJob(list, o)
			a := newArrivals()
			run(t, linkTo(t, s), a, j)
			a.awaitValue(t, "press/ns=1;s=a", "1.5")
			a.awaitValue(t, "press/ns=1;s=gone", "BadNodeIdUnknown")
			want := []string{
				"ns=1;s=a|k N|[]", "ns=1;s=b|hPa|[]", "ns=1;s=c||[]", "ns=1;s=state||[{0 stopped} {2 jammed}]",
				"ns=1;s=mode||[{-1 fault} {7 auto}]", "ns=1;s=on||[{0 shut} {1 open}]", "ns=1;s=x||[]", "ns=1;s=gone||[]",
			}
			if got := series(j); !slices.Equal(got, want) {
				t.Errorf("series\n got  %q\n want %q", got, want)
			}
			if units := a.unitsOf("press/ns=1;s=a"); len(units) != 1 || !units["k N"] {
				t.Errorf("sent with units %v, want the server's alone", units)
			}
		})
	}
}

// TestSlowServerIsRead has a server take so long over properties that values are read before it has told all of them.
func TestSlowServerIsRead(t *testing.T) {
	nodes := map[string]any{}
	var list []*mapping.Tag
	for i := range 2*maxQuestions + 100 {
		node := fmt.Sprint("ns=1;i=", 1000+i)
		nodes[node] = 1.5
		list = append(list, tag(node))
	}
	last := list[len(list)-1].Node.String()
	nodes["ns=1;s=last"] = 2.5
	list = append(list, tag("ns=1;s=last"))
	s := serve(t, rig.Options{Nodes: nodes, Properties: map[string]map[string]any{"ns=1;s=last": {"EngineeringUnits": unit("bar")}}})
	l := linkTo(t, s)
	l.asking = -1
	j := openJob(list, PlanOptions{})
	a := newArrivals()
	run(t, l, a, j)
	a.awaitValue(t, "press/"+last, "1.5")
	a.await(t, "the last unit", func() bool { return a.units["press/ns=1;s=last"]["bar"] })
	if units := a.unitsOf("press/ns=1;s=last"); !units[""] {
		t.Errorf("units %v: the value had to wait for all of them", units)
	}
}

// TestEveryElement reads an array whose length the map leaves to the server, and which changes.
func TestEveryElement(t *testing.T) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{
				Nodes:      map[string]any{"ns=1;s=a": []float64{1.5, 2.5}, "ns=1;s=b": 7.5},
				Properties: map[string]map[string]any{"ns=1;s=a": {"EngineeringUnits": unit("bar")}},
			})
			list := tags("ns=1;s=a", "ns=1;s=b", "ns=1;s=a", "ns=1;s=none")
			list[0].Name, list[0].Element = "p", elementOf("[*]")
			list[2].Name, list[2].Element = "second", elementOf("[1]")
			list[3].Name, list[3].Element = "none", elementOf("[*]")
			j := openJob(list, o)
			a := newArrivals()
			lane := run(t, linkTo(t, s), a, j)
			a.awaitValue(t, "press/p[0]", "1.5")
			a.awaitValue(t, "press/p[1]", "2.5")
			a.awaitValue(t, "press/second", "2.5")
			a.awaitValue(t, "press/ns=1;s=b", "7.5")
			a.awaitValue(t, "press/none[*]", "BadNodeIdUnknown")
			want := []string{"p[0]|bar|[]", "p[1]|bar|[]", "ns=1;s=b||[]", "second|bar|[]", "none[*]||[]"}
			if got := series(j); !slices.Equal(got[:3], want[:3]) || got[4] != want[4] {
				t.Errorf("series %q, want %q", got, want)
			}
			s.Set("ns=1;s=a", []float64{9.5})
			a.awaitValue(t, "press/p[0]", "9.5")
			a.awaitValue(t, "press/p[1]", "BadNoData")
			a.awaitValue(t, "press/second", "BadNoData")
			s.Set("ns=1;s=a", []float64{3.5, 4.5, 5.5})
			a.awaitValue(t, "press/p[2]", "5.5")
			a.awaitValue(t, "press/p[1]", "4.5")
			var shown []string
			for tag := range lane.Tags() {
				shown = append(shown, tag.Series.Tag+" "+tag.Sample.Quality.String())
			}
			if want := []string{"p[0] Good", "p[1] Good", "p[2] Good", "ns=1;s=b Good", "second Good", "none[*] BadNodeIdUnknown"}; !slices.Equal(shown, want) {
				t.Errorf("shown %q, want %q", shown, want)
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			for name := range a.last {
				if name == "press/p[*]" {
					t.Errorf("%s was sent: %v", name, a.all)
				}
			}
		})
	}
}

// TestEmptyArrayFillsUp begins with nothing to read.
func TestEmptyArrayFillsUp(t *testing.T) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{Nodes: map[string]any{"ns=1;s=a": []int32{}}})
			list := tags("ns=1;s=a")
			list[0].Name, list[0].Element = "p", elementOf("[*]")
			a := newArrivals()
			run(t, linkTo(t, s), a, openJob(list, o))
			a.awaitValue(t, "press/p[*]", "BadNoData")
			s.Set("ns=1;s=a", []int32{5, 6})
			a.awaitValue(t, "press/p[1]", "6")
			a.awaitValue(t, "press/p[*]", "BadOutOfService")
		})
	}
}

// TestReasonsOutliveOtherTags has the server tell a unit, which makes other tags of the job: what is wrong with nodes that
// were not found, and are not asked for at each poll, is known of each tag all the same.
func TestReasonsOutliveOtherTags(t *testing.T) {
	s := serve(t, rig.Options{
		Nodes:      map[string]any{"ns=1;s=a": 1.5},
		Properties: map[string]map[string]any{"ns=1;s=a": {"EngineeringUnits": unit("kN")}},
	})
	list := tags("/Objects/1:Nowhere", "/Objects/1:Nowhere", "ns=1;s=a")
	list[0].Element, list[1].Element = elementOf("[0]"), elementOf("[1]")
	a := newArrivals()
	j := openJob(list, PlanOptions{})
	run(t, linkTo(t, s), a, j)
	a.awaitValue(t, "press/"+list[2].Name, "1.5")
	if got := series(j)[2]; got != list[2].Name+"|kN|[]" {
		t.Fatalf("the tag with a unit is %q", got)
	}
	for i := range 2 {
		if got := j.Work.Err(i); !strings.Contains(got, "browse path") {
			t.Errorf("%s: %q, want what is wrong with its browse path", list[i].Name, got)
		}
	}
}

// TestPercentOfTheServersRange has a deadband of what only the server knows, in the tag's own units.
func TestPercentOfTheServersRange(t *testing.T) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{
				Nodes: map[string]any{"ns=1;s=a": 10.0, "ns=1;s=b": 1.0},
				Properties: map[string]map[string]any{
					"ns=1;s=a": {"EURange": ua.NewExtensionObject(&ua.Range{Low: 0, High: 200})},
				},
			})
			list := tags("ns=1;s=a", "ns=1;s=b")
			for _, tg := range list {
				tg.Report, tg.Deadband = mapping.ReportChange, mapping.Deadband{Value: 1, Percent: true}
			}
			list[0].Scaling = mapping.Scaling{Kind: mapping.Linear, Scale: mapping.Decimal{Mant: 10}}
			j := openJob(list, o)
			a := newArrivals()
			run(t, linkTo(t, s), a, j)
			a.awaitValue(t, "press/ns=1;s=a", "100.0")
			a.awaitValue(t, "press/ns=1;s=b", "1.0")
			s.Set("ns=1;s=a", 11.5) // 15 of 2000 is less than 1 %
			s.Set("ns=1;s=b", 2.0)  // behind it: when this has come, that was seen
			a.awaitValue(t, "press/ns=1;s=b", "2.0")
			s.Set("ns=1;s=a", 12.5)
			a.awaitValue(t, "press/ns=1;s=a", "125.0")
			if n := a.counted("press/ns=1;s=a"); n != 2 {
				t.Errorf("%d samples, want those of 100 and 125: %v", n, a.all)
			}
			p := j.Work.(*Plan)
			if why := p.Lack(0); why != "" {
				t.Errorf("lacks %q with a range", why)
			}
			if why := p.Lack(1); why != "deadband 1% of what? The server names no range (EURange): give min and max" {
				t.Errorf("without a range: %q", why)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	star := &mapping.Tag{Name: "p", Node: nodeAt("ns=1;s=a"), Element: elementOf(".Axis[*].Speed"), Traits: new(mapping.Traits)}
	own := &mapping.Tag{Name: "p[1]", Node: nodeAt("ns=1;s=b"), Traits: &mapping.Traits{Unit: "bar"}}
	at := placeOf(star)
	names := func(list []*mapping.Tag) (all []string) {
		for _, t := range list {
			all = append(all, t.Name+" "+t.Element.String())
		}
		return all
	}
	for _, c := range []struct {
		length int
		want   []string
	}{
		{0, []string{"p[*] .Axis[*].Speed", "p[1] "}},
		{3, []string{"p[0] .Axis[0].Speed", "p[2] .Axis[2].Speed", "p[1] "}},
	} {
		if got := names(Complete([]*mapping.Tag{star, own}, map[Place]Facts{at: {Length: c.length}})); !slices.Equal(got, c.want) {
			t.Errorf("length %d: %q, want %q", c.length, got, c.want)
		}
	}
	if n := len(Complete([]*mapping.Tag{star}, map[Place]Facts{at: {Length: 1 << 30}})); n != maxLength {
		t.Errorf("%d tags of a huge array, want %d", n, maxLength)
	}
	var many []*mapping.Tag
	facts := map[Place]Facts{}
	for i := range 20 {
		m := &mapping.Tag{Name: fmt.Sprint("t", i), Node: nodeAt(fmt.Sprint("ns=1;i=", i)), Element: elementOf("[*]"), Traits: new(mapping.Traits)}
		many, facts[placeOf(m)] = append(many, m), Facts{Length: maxLength}
	}
	if n := len(Complete(many, facts)); n > mapping.MaxGroup {
		t.Errorf("%d tags of many arrays, a group holds %d", n, mapping.MaxGroup)
	}
	if whole := []*mapping.Tag{own}; &Complete(whole, maps.Clone(facts))[0] != &whole[0] {
		t.Error("tags without anything open were copied")
	}
}
