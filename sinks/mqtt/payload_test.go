package mqtt

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// sent is what a sink made with change publishes of v.
func sent(t *testing.T, v *sinks.View, change func(*Options)) []published {
	t.Helper()
	f := newFake(t)
	s := open(t, f.addr(), change)
	n, err := s.Send(t.Context(), v)
	if n != v.Len() || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f.await("the end", func() bool { return f.goodbyes == 1 })
	return f.received
}

func lines(list []published) []string {
	var out []string
	for _, p := range list {
		out = append(out, strings.TrimSpace(p.topic+" "+p.payload))
	}
	return out
}

func TestFormats(t *testing.T) {
	g := plant("boiler", 4)
	var v sinks.View
	b := mapping.Batch{Group: g, Samples: []mapping.Sample{
		{Index: 3, Kind: mapping.Int, Bits: 30}, {Index: 0, Kind: mapping.Int, Bits: 1},
		{Index: 1, Quality: mapping.BadTimeout}, {Index: 2, Kind: mapping.Int, Bits: 20},
		{Index: 2, Kind: mapping.Int, Bits: 21}, {Time: 1e9, Index: 0, Kind: mapping.Int, Bits: 2},
	}}
	v.Append(&b, nil)
	const t0, t1 = `{"time":"1970-01-01T00:00:00.000000000Z","bridge":"line-3","device":"boiler",`, `{"time":"1970-01-01T00:00:01.000000000Z","bridge":"line-3","device":"boiler",`
	for _, c := range []struct {
		name, format, topic string
		want                []string
	}{
		{"value", "value", "{device}/{tag}/{unit_id}", []string{
			"boiler/t3/7 30", "boiler/t0/7 1", "boiler/t1/7", "boiler/t2/7 20", "boiler/t2/7 21", "boiler/t0/7 2"}},
		{"json", "json", "{bridge}", []string{
			"line-3 " + t0 + `"tag":"t3","value":30,"quality":"Good","labels":{"area":"b"}}`,
			"line-3 " + t0 + `"tag":"t0","value":1,"quality":"Good","labels":{"area":"a"}}`,
			"line-3 " + t0 + `"tag":"t1","value":null,"quality":"BadTimeout","labels":{"area":"b"}}`,
			"line-3 " + t0 + `"tag":"t2","value":20,"quality":"Good","labels":{"area":"a"}}`,
			"line-3 " + t0 + `"tag":"t2","value":21,"quality":"Good","labels":{"area":"a"}}`,
			"line-3 " + t1 + `"tag":"t0","value":2,"quality":"Good","labels":{"area":"a"}}`}},
		{"batch", "batch", "{device}", []string{
			"boiler " + t0 + `"values":{"t3":30,"t0":1,"t1":null,"t2":20},"quality":{"t1":"BadTimeout"}}`,
			"boiler " + t0 + `"values":{"t2":21},"quality":{}}`,
			"boiler " + t1 + `"values":{"t0":2},"quality":{}}`}},
		{"batch by label", "batch", "{label.area}", []string{
			"a " + t0 + `"values":{"t0":1,"t2":20},"quality":{}}`,
			"b " + t0 + `"values":{"t3":30,"t1":null},"quality":{"t1":"BadTimeout"}}`,
			"a " + t0 + `"values":{"t2":21},"quality":{}}`,
			"a " + t1 + `"values":{"t0":2},"quality":{}}`}},
	} {
		versions(t, func(t *testing.T, version string) {
			got := lines(sent(t, &v, func(o *Options) { o.Version, o.Format, o.Topic = version, c.format, topic(c.topic) }))
			slices.Sort(got)
			want := slices.Sorted(slices.Values(c.want))
			if !slices.Equal(got, want) {
				t.Errorf("%s:\n got  %q\n want %q", c.name, got, want)
			}
		})
	}
}

func TestLineOfOnePoll(t *testing.T) {
	g := plant("boiler", 2)
	g.Measurement = "boilers"
	g.Series[0].Field, g.Series[1].Field = "t0", "t1"
	got := lines(sent(t, polls(g, 2), func(o *Options) { o.Format, o.Topic = "line", topic("lines") }))
	want := []string{
		"lines boilers,area=a,bridge=line-3,device=boiler t0=0 0\nboilers,area=b,bridge=line-3,device=boiler t1=1 0",
		"lines boilers,area=a,bridge=line-3,device=boiler t0=2 1000000000\nboilers,area=b,bridge=line-3,device=boiler t1=3 1000000000",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestQoS0 has nothing be acknowledged; what was written is delivered.
func TestQoS0(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		list := sent(t, polls(plant("boiler", 10), 7), func(o *Options) { o.Version, o.QoS, o.Retain = version, 0, true })
		var got []string
		for _, p := range list {
			got = append(got, p.payload)
			if p.qos != 0 || !p.retain {
				t.Fatalf("published %+v", p)
			}
		}
		if !slices.Equal(got, numbers(0, 70)) {
			t.Errorf("received %v", got)
		}
	})
}
