package influx

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// noisy is ten polls of 500 tags each, half of them float32 and half scaled int16, all of them with noise.
func noisy() *sinks.View {
	r := rand.New(rand.NewPCG(1, 2))
	v := new(sinks.View)
	for d := range 10 {
		g := mapping.Group{Bridge: "line-3", Device: fmt.Sprintf("boiler-%d", d), Measurement: "boiler"}
		b := &mapping.Batch{}
		for i := range 500 {
			tag := fmt.Sprintf("temperature_%d", i)
			series := &mapping.Series{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F32}}
			s := mapping.Sample{Time: 1767323045678901234, Index: uint16(i), Kind: mapping.F32,
				Bits: uint64(math.Float32bits(float32(20 + r.NormFloat64())))}
			if i%2 == 1 {
				series.Kind, series.Exp = mapping.Dec, -1
				s.Kind, s.Bits = mapping.Dec, uint64(200+r.IntN(100))
			}
			g.Series, b.Samples = append(g.Series, series), append(b.Samples, s)
		}
		b.Group = mapping.NewGroup(g)
		v.Append(b, nil)
	}
	return v
}

// BenchmarkGzip is why the compression is Huffman's alone: on noisy values level 1 packs little better and costs a
// multiple.
func BenchmarkGzip(b *testing.B) {
	v := noisy()
	var text []byte
	line := encode.NewLine(encode.LineOptions{Precision: time.Millisecond})
	for i := range v.Batches {
		text = line.Append(text, &v.Batches[i])
	}
	for name, level := range map[string]int{"huffman": gzip.HuffmanOnly, "1": 1, "2": 2, "6": 6, "stateless": gzip.StatelessCompression} {
		b.Run(name, func(b *testing.B) {
			var out bytes.Buffer
			w, err := gzip.NewWriterLevel(&out, level)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				w.Reset(&out)
				_, _ = w.Write(text)
				_ = w.Close()
			}
			b.ReportMetric(float64(out.Len())/float64(v.Len()), "bytes/sample")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(v.Len()), "ns/sample")
		})
	}
}

// BenchmarkEncode is a whole body.
func BenchmarkEncode(b *testing.B) {
	v := noisy()
	line := encode.NewLine(encode.LineOptions{Precision: time.Millisecond})
	var body body
	b.ReportAllocs()
	for b.Loop() {
		body.encode(line, v, true)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(v.Len()), "ns/sample")
}
