package sparkplug

import (
	"fmt"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// large is a device of n tags with units, and a poll of it.
func large(n int) (*mapping.Group, []mapping.Sample) {
	g := mapping.Group{Bridge: "b", Device: "boiler"}
	var samples []mapping.Sample
	for i := range n {
		g.Series = append(g.Series, &mapping.Series{
			Tag: fmt.Sprint("line/motor/speed", i), SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Dec, Exp: -1, Unit: "rpm"},
		})
		samples = append(samples, at(1, uint16(i), mapping.Dec, uint64(i)))
	}
	return mapping.NewGroup(g), samples
}

// BenchmarkData makes messages of 5,000 samples, of polls of 500 tags.
func BenchmarkData(b *testing.B) {
	g, samples := large(500)
	n := rig(nil)
	n.Limit = 32 << 10
	n.Begin(0)
	births := sinks.Introduction()
	births.Append(&mapping.Batch{Group: g, Samples: samples}, nil)
	n.Introduce(&births, true)
	var m message.Message
	for n.Next(&m) {
	}
	var v sinks.View
	for poll := range 10 {
		for i := range samples {
			samples[i].Time = int64(poll+2) * second
		}
		v.Append(&mapping.Batch{Group: g, Samples: samples}, nil)
	}
	b.ReportAllocs()
	for b.Loop() {
		n.Deliver(&v)
		for n.Next(&m) {
		}
		if n.Done() != v.Len() {
			b.Fatal(n.Done())
		}
	}
	b.ReportMetric(float64(v.Len())*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
}

// BenchmarkBirths makes the births of 10,000 tags of 20 devices.
func BenchmarkBirths(b *testing.B) {
	n := rig(nil)
	births := sinks.Introduction()
	for d := range 20 {
		g, samples := large(500)
		g.Device = fmt.Sprint("d", d)
		births.Append(&mapping.Batch{Group: g, Samples: samples}, nil)
	}
	var m message.Message
	b.ReportAllocs()
	for b.Loop() {
		n.Begin(0)
		n.Introduce(&births, true)
		for n.Next(&m) {
		}
	}
}
