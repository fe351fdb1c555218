package mapping

import (
	"fmt"
	"testing"
	"time"
)

// codecCase is one way through a codec.
type codecCase struct {
	name string
	tag  *Tag
	raw  string
}

func codecCases(t testing.TB) []codecCase {
	with := func(typ string, change func(*Tag)) *Tag {
		tag := newTag(t, typ, "CDAB")
		change(tag)
		return tag
	}
	lin := func(scale string) func(*Tag) { return func(tag *Tag) { tag.Scaling = linear(t, scale, "0.5") } }
	rng := func(tag *Tag) { tag.Scaling = span(t, "0", "27648", "0", "100") }
	return []codecCase{
		{"int16", with("int16", func(*Tag) {}), "1234"},
		{"int16 scaled", with("int16", lin("0.1")), "1234"},
		{"int16 scaled and checked", with("int16", func(tag *Tag) {
			tag.Scaling, tag.Min, tag.Max = linear(t, "0.1", "0"), bound(t, "0"), bound(t, "10")
			tag.Invalid = invalids(t, "0x8000")
		}), "1234"},
		{"int16 of range", with("int16", rng), "1234"},
		{"int16 of range, small", with("int16", rng), "0001"},
		{"uint32 scaled, long", with("uint32", lin("0.123456789")), "12345678"},
		{"int64", with("int64", func(*Tag) {}), "1234567812345678"},
		{"int64 scaled", with("int64", lin("0.001")), "5678123400000000"},
		{"int64 scaled, large", with("int64", lin("0.001")), "1234567812345678"},
		{"float32", with("float32", func(*Tag) {}), "cccd41b8"},
		{"float32 scaled", with("float32", lin("0.1")), "cccd41b8"},
		{"float32 of noise scaled", with("float32", lin("0.1")), "196f41b9"},
		{"float32 of noise scaled, small", with("float32", lin("0.1")), "cccd31b8"},
		{"float32 of range", with("float32", rng), "cccd41b8"},
		{"float64", with("float64", func(*Tag) {}), "999a999919994037"},
		{"float64 scaled far apart", with("float64", lin("1e-100")), "999a999919994037"},
		{"float16", with("float16", func(*Tag) {}), "4dc6"},
		{"bcd32", with("bcd32", func(*Tag) {}), "12345678"},
		{"text", with("string:8", func(*Tag) {}), "5075b08020202020"},
		{"text without", with("string:8", func(tag *Tag) { tag.Invalid = invalids(t, "Pu") }), "5075202020202020"},
	}
}

func TestCodecDoesNotAllocate(t *testing.T) {
	for _, c := range codecCases(t) {
		codec, raw := Compile(c.tag), wire(t, c.raw)
		var b Batch
		b.Blob = make([]byte, 0, 64)
		var s Sample
		if n := testing.AllocsPerRun(100, func() { b.Reset(nil); codec.Registers(raw, &b, &s) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func TestAppendNumberDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 64)
	for _, s := range []*Sample{mant(231), f32(23.1), f32(0.333333), f64(1.0 / 3), f64(1e300)} {
		if n := testing.AllocsPerRun(100, func() { AppendJSONNumber(dst, s, -1) }); n != 0 {
			t.Errorf("%+v: %v allocations", *s, n)
		}
	}
}

func TestFilterDoesNotAllocate(t *testing.T) {
	r := newRig(0, Rule{}, Rule{Report: ReportChange}, Rule{Pushed: true, Heartbeat: time.Second})
	now := int64(0)
	round := func() {
		now += second
		r.b.Reset(r.f.group)
		for i := range 3 {
			s := Sample{Time: now, Index: uint16(i), Kind: Int}
			if i > 0 {
				r.b.PutText(&s, []byte{'a' + byte(now/second%26)})
			}
			r.b.Samples = append(r.b.Samples, s)
		}
		r.f.Apply(&r.b)
		r.f.Repeat(now+second/2, &r.b)
		r.f.Forget(&r.b)
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations a round", n)
	}
}

func BenchmarkCodec(b *testing.B) {
	for _, c := range codecCases(b) {
		b.Run(c.name, func(b *testing.B) {
			codec, raw := Compile(c.tag), wire(b, c.raw)
			batch := &Batch{}
			var s Sample
			for b.Loop() {
				batch.Blob = batch.Blob[:0]
				codec.Registers(raw, batch, &s)
			}
		})
	}
}

func BenchmarkAppendNumber(b *testing.B) {
	dst := make([]byte, 0, 64)
	for _, c := range []struct {
		name string
		s    *Sample
	}{
		{"dec", mant(231)}, {"float32 23.1", f32(23.1)}, {"float32 1023.4", f32(1023.4)}, {"float32 noise", f32(23.137416)},
		{"float64 23.1", f64(23.1)}, {"float64 of 15 digits", f64(23.1374120000456)}, {"float64 noise", f64(1.0 / 3)}, {"int", &Sample{Kind: Int, Bits: 4660}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				AppendNumber(dst, c.s, -1)
			}
		})
	}
}

func BenchmarkFilter(b *testing.B) {
	for _, rule := range []struct {
		name string
		rule Rule
	}{{"all", Rule{}}, {"change", Rule{Report: ReportChange}}} {
		const tags = 500
		rules := make([]Rule, tags)
		for i := range rules {
			rules[i] = rule.rule
		}
		r := newRig(0, rules...)
		for i := range tags {
			r.b.Samples = append(r.b.Samples, Sample{Kind: Int, Index: uint16(i)})
		}
		all := r.b.Samples
		b.Run(fmt.Sprint(rule.name, " of ", tags), func(b *testing.B) {
			for b.Loop() {
				r.b.Samples = all
				r.f.Apply(&r.b)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, c := range codecCases(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compile(c.tag)
			}
		})
	}
}
