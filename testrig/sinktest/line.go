package sinktest

import (
	"strings"

	"tagbridge/testrig/influxd"
)

// ParseLines reads line protocol in the wide layout, with times in nanoseconds.
func ParseLines(text []byte) (all []Sample, err error) {
	for line := range influxd.Lines(text) {
		p, err := influxd.ParseLine(line, 1)
		if err != nil {
			return nil, err
		}
		all = append(all, Fields(&p)...)
	}
	return all, nil
}

// Fields is what p has of samples: one of each field that is a value.
func Fields(p *influxd.Point) (all []Sample) {
	for _, f := range p.Fields {
		if !strings.HasSuffix(f.Name, ".quality") {
			all = append(all, Sample{p.Tag("device"), f.Name, p.Time, Value(f.Value)})
		}
	}
	return all
}
