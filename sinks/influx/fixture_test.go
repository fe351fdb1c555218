package influx

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
)

// server is an InfluxDB stand-in that listens.
func server(t testing.TB, o influxd.Options) (*influxd.Server, string) {
	t.Helper()
	s := influxd.New(o)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

func open(t testing.TB, o Options) *Sink {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// group is n series of kind Uint64 with the fields f0, f1, …
func group(n int) *mapping.Group {
	g := mapping.Group{Bridge: "b", Device: "d", Measurement: "m"}
	for i := range n {
		name := fmt.Sprintf("f%d", i)
		g.Series = append(g.Series, &mapping.Series{Tag: name, Field: name, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint64}})
	}
	return mapping.NewGroup(g)
}

// batch is one poll of g whose values are value, value+1, …
func batch(g *mapping.Group, at int64, value uint64) *mapping.Batch {
	b := &mapping.Batch{Group: g}
	for i := range g.Series {
		b.Samples = append(b.Samples, mapping.Sample{Time: at, Index: uint16(i), Kind: mapping.Uint64, Bits: value + uint64(i)})
	}
	return b
}

func view(batches ...*mapping.Batch) *sinks.View {
	v := new(sinks.View)
	for _, b := range batches {
		v.Append(b, nil)
	}
	return v
}

// send sends one sample.
func send(s *Sink) error {
	_, err := s.Send(context.Background(), view(batch(group(1), 1, 1)))
	return err
}

// discardLog is for servers whose troubles are meant.
var discardLog = log.New(io.Discard, "", 0)
