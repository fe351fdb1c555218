package bridge

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gopcua/opcua/ua"

	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/opcua"
)

// TestReloadKeepsWhatTheServerTold reloads a map with [*] and a unit that the server tells: its tags stay, without a
// bad sample and without being sent as if they were new.
func TestReloadKeepsWhatTheServerTold(t *testing.T) {
	s, err := opcua.Listen("127.0.0.1:0", opcua.Options{
		Core:  true,
		Nodes: map[string]any{"ns=1;s=p": []float64{1.5, 2.5}, "ns=1;s=q": 3.5},
		Properties: map[string]map[string]any{"ns=1;s=p": {
			"EngineeringUnits": ua.NewExtensionObject(&ua.EUInformation{
				DisplayName: ua.NewLocalizedText("bar"), Description: ua.NewLocalizedText("")}),
		}},
		Still: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r := newRig(t)
	r.write("tags.csv", "tag,address,element,report\np,ns=1;s=p,[*],change\n")
	r.write("plant.yaml", fmt.Sprintf(`
bridge: {name: test, data_dir: data, http: "127.0.0.1:0"}
devices: [{name: press, driver: opcua, url: %q, poll: 50ms, tags: [tags.csv]}]
sinks: [{name: db, type: influxdb, url: %q, org: o, bucket: b, flush: 50ms, match: ["press/*", "!press/p[0]"]}]
`, s.URL(), r.url))
	b := r.run()
	has := func(field string) func([]influxd.Point) bool {
		return func(points []influxd.Point) bool { return len(fieldsOf(points, field)) > 0 }
	}
	r.wait("the second element", has("p[1]"))
	want := func(tags ...string) {
		t.Helper()
		var got []string
		for tag := range b.bridge.Tags("press") {
			got = append(got, fmt.Sprintf("%s %s %s", tag.Series.Tag, mapping.AppendJSONValue(nil, tag.Series, &tag.Sample, tag.Text), tag.Series.Unit))
		}
		if !slices.Equal(got, tags) {
			t.Errorf("tags %q, want %q", got, tags)
		}
	}
	want("p[0] 1.5 bar", "p[1] 2.5 bar")
	r.write("tags.csv", "tag,address,element,report\nq,ns=1;s=q,,\np,ns=1;s=p,[*],change\n")
	if s := b.hup(); len(s.Problems) > 0 {
		t.Fatalf("reload: %q", s.Problems)
	}
	r.wait("the new tag", has("q"))
	want("q 3.5 ", "p[0] 1.5 bar", "p[1] 2.5 bar")
	points := r.influx.Points()
	if n := len(fieldsOf(points, "p[1]")); n != 1 {
		t.Errorf("p[1] was sent %d times, want once", n)
	}
	for _, field := range []string{"p[0]", "p[1].quality", "p[*].quality", "p.quality"} {
		if list := fieldsOf(points, field); len(list) > 0 {
			t.Errorf("%s was sent: %v", field, list)
		}
	}
	r.write("tags.csv", "tag,address,element,report\nq,ns=1;s=q,,\n")
	b.hup()
	r.wait("the end of the elements", has("p[1].quality"))
	if list := fieldsOf(r.influx.Points(), "p[1].quality"); fmt.Sprint(list) != "[BadOutOfService]" {
		t.Errorf("p[1] ended with %v", list)
	}
}

// fieldsOf is the values of a field.
func fieldsOf(points []influxd.Point, name string) (values []any) {
	for _, p := range points {
		for _, f := range p.Fields {
			if f.Name == name {
				values = append(values, f.Value)
			}
		}
	}
	return values
}
