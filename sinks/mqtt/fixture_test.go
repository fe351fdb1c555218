package mqtt

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
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

// polls is n polls of g, a second apart; the value of each sample is its number in the view.
func polls(g *mapping.Group, n int) *sinks.View {
	var v sinks.View
	b := mapping.Batch{Group: g}
	for p := range n {
		for i := range g.Series {
			b.Samples = append(b.Samples, mapping.Sample{
				Time: int64(p) * int64(time.Second), Index: uint16(i), Kind: mapping.Int, Bits: uint64(len(b.Samples)),
			})
		}
	}
	v.Append(&b, nil)
	return &v
}

// versions runs test with either version of the protocol.
func versions(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range []string{"5", "3.1.1"} {
		t.Run("v"+version, func(t *testing.T) { test(t, version) })
	}
}

// topic is a template that can be parsed.
func topic(text string) mapping.Template {
	t, err := mapping.ParseTemplate(text)
	if err != nil {
		panic(err)
	}
	return t
}

// open makes a sink for the broker at address.
func open(t testing.TB, address string, change func(*Options)) *Sink {
	t.Helper()
	o := Options{
		URL: "mqtt://" + address, ClientID: "test", Topic: topic("plant/{bridge}/{device}/{tag}"),
		Format: "value", QoS: 1,
	}
	if change != nil {
		change(&o)
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	s.lives.rests = rests{} // the tests of Lives are about these
	t.Cleanup(func() { s.Close() })
	return s
}

// patience bounds what must happen; it runs out only when something is wrong.
func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// muted is an address where connections are taken and nothing is said.
func muted(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln.Addr().String()
}
