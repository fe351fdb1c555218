package encode

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tagbridge/mapping"
)

// noisyPoll is a poll of 500 tags, half of them float32, half scaled int16, all noisy.
func noisyPoll(r *rand.Rand) *mapping.Batch {
	g := mapping.Group{Bridge: "line-3", Device: "boiler-17", Measurement: "boiler-17"}
	b := &mapping.Batch{}
	for i := range 500 {
		tag := fmt.Sprintf("temperature_%d", i)
		s := mapping.Sample{Time: at, Index: uint16(i)}
		series := &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F32}}
		if s.Kind, s.Bits = mapping.F32, uint64(math.Float32bits(float32(20+r.NormFloat64()))); i%2 == 1 {
			s.Kind, s.Bits = mapping.Dec, uint64(200+r.IntN(100))
			series.Kind, series.Exp = mapping.Dec, -1
		}
		g.Series = append(g.Series, series)
		b.Samples = append(b.Samples, s)
	}
	b.Group = mapping.NewGroup(g)
	return b
}

func benchmark(b *testing.B, encode func(dst []byte, b *mapping.Batch) []byte) {
	batch := noisyPoll(rand.New(rand.NewPCG(1, 2)))
	dst := encode(nil, batch)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = encode(dst[:0], batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(batch.Samples)), "ns/sample")
}

func BenchmarkLineWide(b *testing.B) {
	benchmark(b, NewLine(LineOptions{Precision: time.Millisecond}).Append)
}

func BenchmarkLineNarrow(b *testing.B) {
	benchmark(b, NewLine(LineOptions{Narrow: true, Precision: time.Millisecond}).Append)
}

func BenchmarkJSON(b *testing.B) { benchmark(b, new(JSON).Append) }

func BenchmarkCSV(b *testing.B) { benchmark(b, new(CSV).Append) }
