package nats

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/hostile"
)

// plant is a group of n series t0, t1 and so on of whole numbers.
func plant(device string, n int) *mapping.Group {
	g := mapping.Group{Bridge: "line-3", Device: device, UnitID: 7}
	for i := range n {
		g.Series = append(g.Series, &mapping.Series{Tag: fmt.Sprintf("t%d", i), SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int}})
	}
	return mapping.NewGroup(g)
}

// polls is n polls of g, a second apart, as they stand in the log from position at on; the value of each sample is its number.
func polls(g *mapping.Group, n int, at sinks.Pos) *sinks.View {
	var v sinks.View
	b := mapping.Batch{Group: g}
	for p := range n {
		for i := range g.Series {
			b.Samples = append(b.Samples, mapping.Sample{
				Time: int64(p+1) * int64(time.Second), Index: uint16(i), Kind: mapping.Int, Bits: uint64(len(b.Samples)),
			})
		}
	}
	v.AppendFrom(at, &b, nil)
	return &v
}

// subject is a template that can be parsed.
func subject(text string) mapping.Template {
	t, err := mapping.ParseTemplate(text)
	if err != nil {
		panic(err)
	}
	return t
}

// server starts a hostile stream with that script.
func serve(t testing.TB, lines ...string) *hostile.Stream {
	t.Helper()
	s, err := hostile.NewStream(lines...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// open makes a sink for the servers at addresses.
func open(t testing.TB, change func(*Options), addresses ...string) *Sink {
	t.Helper()
	o := Options{Subject: subject("plant.{bridge}.{device}"), Name: "test", Origin: func() string { return "j1" }}
	for _, a := range addresses {
		o.URLs = append(o.URLs, "nats://"+a)
	}
	if change != nil {
		change(&o)
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// faultOf is the fault that err is; anything else fails the test.
func faultOf(t testing.TB, err error) *sinks.Fault {
	t.Helper()
	var f *sinks.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error %v is no fault", err)
	}
	return f
}

// patience bounds what must happen; it runs out only when something is wrong.
func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
