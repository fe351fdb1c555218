package opcua

import (
	"context"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/mapping"
	"tagbridge/mapping/node"
	rig "tagbridge/testrig/opcua"
)

// serve starts a server that ends with t.
func serve(t testing.TB, o rig.Options) *rig.Server {
	t.Helper()
	o.Still, o.Core = true, true
	s, err := rig.Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// linkTo is an unopened link to s without security, which t closes.
func linkTo(t testing.TB, s *rig.Server) *Link {
	t.Helper()
	l := NewLink(LinkOptions{Session: session.Options{URL: s.URL(), Address: s.Addr(), Timeout: 5 * time.Second}})
	t.Cleanup(func() { l.Close() })
	return l
}

// jobOf is a job that reads tags.
func jobOf(tags []*mapping.Tag, o PlanOptions) *drivers.Job {
	codecs := make([]*mapping.Codec, len(tags))
	series := make([]*mapping.Series, len(tags))
	rules := make([]mapping.Rule, len(tags))
	for i, t := range tags {
		codecs[i] = mapping.Compile(t)
		series[i] = mapping.NewSeries(t, mapping.NewSeriesTraits(t, codecs[i]))
		rules[i] = mapping.RuleOf(t)
		rules[i].Pushed = o.Subscribe
	}
	g := mapping.NewGroup(mapping.Group{Device: "press", Series: series})
	if o.Period == 0 {
		o.Period = 100 * time.Millisecond
	}
	return &drivers.Job{
		Device: &drivers.Device{Name: "press", Driver: "opcua", Timeout: 5 * time.Second},
		Group:  g, Filter: mapping.NewFilter(g, rules), Period: time.Second, Work: NewPlan(tags, codecs, o),
	}
}

// tag is one that is named after its node.
func tag(address string) *mapping.Tag {
	return &mapping.Tag{Name: address, Node: nodeAt(address), Traits: new(mapping.Traits)}
}

// nodeAt is the node of an address.
func nodeAt(address string) *node.Address {
	a, err := node.Parse(address)
	if err != nil {
		panic(err)
	}
	return a
}

// elementOf is an element.
func elementOf(text string) node.Element {
	e, err := node.ParseElement(text)
	if err != nil {
		panic(err)
	}
	return e
}

// planOf is a plan of tags that are these elements of one node.
func planOf(elements ...string) *Plan {
	list := make([]*mapping.Tag, len(elements))
	for i, e := range elements {
		list[i] = &mapping.Tag{Name: e, Node: nodeAt("i=1"), Element: elementOf(e), Traits: new(mapping.Traits)}
	}
	return NewPlan(list, make([]*mapping.Codec, len(list)), PlanOptions{})
}

// tags are some.
func tags(nodes ...string) []*mapping.Tag {
	var list []*mapping.Tag
	for _, n := range nodes {
		list = append(list, tag(n))
	}
	return list
}

// open opens l.
func open(t testing.TB, l *Link) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
}

// round makes all exchanges of one round.
func round1(ctx context.Context, l *Link, j *drivers.Job, b *mapping.Batch) error {
	b.Reset(j.Group)
	for step := 0; ; {
		next, err := l.Do(ctx, j, step, b)
		if err != nil || next == 0 {
			return err
		}
		step = next
	}
}

// readOnce is what a round gives, by tag.
func readOnce(t testing.TB, l *Link, j *drivers.Job) map[string]string {
	t.Helper()
	var b mapping.Batch
	if err := round1(t.Context(), l, j, &b); err != nil {
		t.Fatal(err)
	}
	return shown(j, &b)
}

// shown is the values of a batch as text, by tag; a bad one is its quality.
func shown(j *drivers.Job, b *mapping.Batch) map[string]string {
	got := map[string]string{}
	for i := range b.Samples {
		s := &b.Samples[i]
		text := s.Quality.String()
		switch {
		case s.Kind == mapping.Text:
			text = string(b.Text(s))
		case s.Kind == mapping.Bool:
			text = map[uint64]string{0: "false", 1: "true"}[s.Bits]
		case s.Kind != mapping.None:
			text = string(mapping.AppendJSONNumber(nil, s, b.Group.Series[s.Index].Exp))
		}
		if s.Kind != mapping.None && s.Quality != mapping.Good {
			text += " " + s.Quality.String()
		}
		got[b.Group.Series[s.Index].Tag] = text
	}
	return got
}
