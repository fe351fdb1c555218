package sinktest

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// faultError is f as an error; nil: none.
func faultError(f *sinks.Fault) error {
	if f == nil {
		return nil
	}
	return f
}

// wide sends the largest and the strangest values. What the sink cannot write it has to name, and only that; it can be
// nothing but an unsigned integer over 2^63-1.
func wide(t *trial) error {
	bits := func(k mapping.Kind, values ...uint64) (list []item) {
		for _, v := range values {
			list = append(list, item{s: mapping.Sample{Kind: k, Bits: v}})
		}
		return list
	}
	float := math.Float64bits
	columns := map[mapping.Kind][]item{
		mapping.Bool:   bits(mapping.Bool, 0, 1),
		mapping.Int:    bits(mapping.Int, 0, 1<<31-1, ^uint64(1<<31-1)),
		mapping.Uint:   bits(mapping.Uint, 0, 1<<32-1),
		mapping.Int64:  bits(mapping.Int64, 1<<53+1, math.MaxInt64, 1<<63),
		mapping.Uint64: bits(mapping.Uint64, 1<<53+1, math.MaxInt64, 1<<63, math.MaxUint64, 7),
		mapping.F32:    bits(mapping.F32, uint64(math.Float32bits(0.1)), uint64(math.Float32bits(-math.MaxFloat32))),
		mapping.F64:    bits(mapping.F64, float(0.1), float(math.MaxFloat64), float(-math.SmallestNonzeroFloat64)),
		mapping.Dec:    bits(mapping.Dec, 999_999_999_999_999, ^uint64(12344)),
		mapping.Text:   texts("", " ", `a "quoted\" text\`, "two\nlines\r\n", "Kühlung ✓ \U0001F600", "a,b=c d", strings.Repeat("long ", 12_000)),
	}
	var items []item
	for kind, list := range columns {
		g := mapping.Group{Bridge: "b", Device: fmt.Sprint("kind", kind), Measurement: fmt.Sprint("kind", kind)}
		g.Series = append(g.Series, series("t0", kind, -2))
		made := mapping.NewGroup(g)
		for at, i := range append(list, item{s: mapping.Sample{Quality: mapping.BadTimeout, Flags: mapping.ShowQuality}}) {
			i.g, i.s.Time = made, int64(at+1)*second
			items = append(items, i)
		}
	}
	if n, fault, err := t.send(items); err != nil || fault != nil {
		return fmt.Errorf("send = %d of %d: %w", n, len(items), errors.Join(err, faultError(fault)))
	}
	for s := range t.unfit {
		if v := s.Value; s.Device != fmt.Sprint("kind", mapping.Uint64) || v != Value(uint64(1<<63)) && v != Value(uint64(math.MaxUint64)) {
			return fmt.Errorf("%v is unfit, as the sink says", s)
		}
	}
	taken, err := t.peer.Taken()
	if err != nil {
		return err
	}
	for _, s := range taken {
		if t.unfit[s] {
			return fmt.Errorf("%v is unfit, as the sink says, and arrived", s)
		}
	}
	return t.settled(outcome{all: true, once: true})
}

func texts(list ...string) (items []item) {
	for _, text := range list {
		items = append(items, item{s: mapping.Sample{Kind: mapping.Text}, text: text})
	}
	return items
}

// many sends a device with thousands of series, and hundreds of devices.
func many(t *trial) error {
	g := group("large", 2500, mapping.Int)
	var items []item
	for round := range 2 {
		for i := range g.Series {
			items = append(items, number(g, i, int64(round+1)*second, round*10_000+i))
		}
	}
	for d := range 500 {
		g := group(fmt.Sprint("small", d), 2, mapping.Int)
		items = append(items, number(g, 0, second, d), number(g, 1, second, d))
	}
	for _, part := range [][]item{items[:5000], items[5000:]} {
		if n, fault, err := t.send(part); err != nil || fault != nil {
			return fmt.Errorf("send = %d of %d: %w", n, len(part), errors.Join(err, faultError(fault)))
		}
	}
	return t.settled(outcome{all: true, once: true})
}
