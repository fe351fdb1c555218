package gaps

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
)

// BenchmarkAccount tells what is missing of ten devices of a thousand tags each, polled every second; TAGBRIDGE_ACCOUNT is
// for how many seconds, 60 unless it is given. The journal of an hour is about 150 MiB.
func BenchmarkAccount(b *testing.B) {
	seconds, err := strconv.Atoi(os.Getenv("TAGBRIDGE_ACCOUNT"))
	if err != nil {
		seconds = 60
	}
	var text, rows strings.Builder
	rows.WriteString("tag,address\n")
	for i := range 1000 {
		fmt.Fprintf(&rows, "t%d,%d\n", i, 40001+i)
	}
	text.WriteString("bridge: {name: b, data_dir: data, http: \"\"}\nsinks:\n  - {name: historian, type: file, path: \"-\"}\ndevices:\n")
	for i := range 10 {
		fmt.Fprintf(&text, "  - {name: d%d, driver: modbus, url: \"tcp://192.0.2.%d:502\", tags: [m.csv]}\n", i, i+1)
	}
	p := newPlant(b, text.String(), "m.csv", rows.String())
	for range seconds {
		p.now = p.now.Add(time.Second)
		for _, groups := range p.groups {
			g := groups[0]
			batch := mapping.Batch{Group: g, Samples: make([]mapping.Sample, len(g.Series))}
			for i := range batch.Samples {
				batch.Samples[i] = mapping.Sample{Time: p.now.UnixNano(), Index: uint16(i), Kind: mapping.Int64, Bits: uint64(p.now.Unix()) & 0xFFFF}
			}
			if err := p.j.Append(&batch); err != nil {
				b.Fatal(err)
			}
		}
		if p.now.Second() == 0 {
			p.open()
		}
	}
	b.ResetTimer()
	for range b.N {
		if r := p.report(Query{}); len(r.Reading) > 0 {
			b.Fatal(r.text())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*seconds*10_000), "ns/sample")
}
