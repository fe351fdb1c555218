package encode

import (
	"math"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
)

var escaping = regexp.MustCompile(`\\+([,= ]|$)`)

// controls are made once: a replacer takes longer to make than to use.
var controls = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`)

// written is what line protocol makes of a name: it has no control characters, and no backslash where it would escape
// something. InfluxDB 1.8 and its models.ParsePoints read it so, of all the names below.
func written(name string) string {
	name = escaping.ReplaceAllString(name, "$1")
	return controls.Replace(name)
}

// names are the names that line protocol has trouble with.
var names = []string{
	"plain", "two words", "a,b", "a=b", `a\`, `a\\`, `a\b`, `\ `, `a\,b`, `a\=b`, "a\nb", "a\r\tb", `"quoted"`, `"`, "#1", "°C",
	`a\ b`, `C:\dir\`, "=", ",", " ", "a b,c=d e", `x\,`, `\\a`, `a\\,b`, `a\\ b`,
}

func TestLineNamesReadBack(t *testing.T) {
	for _, name := range names {
		for _, narrow := range []bool{false, true} {
			checkReadsBack(t, name, name, narrow)
		}
	}
}

func FuzzLineNames(f *testing.F) {
	for i, name := range names {
		f.Add(name, names[(i+7)%len(names)], i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, name, text string, narrow bool) {
		if utf8.ValidString(name) && utf8.ValidString(text) && written(name) != "" {
			checkReadsBack(t, name, text, narrow)
		}
	})
}

// checkReadsBack encodes a text under a name that stands everywhere and reads it with a parser that knows nothing of
// the encoder.
func checkReadsBack(t *testing.T, name, text string, narrow bool) {
	t.Helper()
	g := mapping.NewGroup(mapping.Group{Bridge: name, Device: name, Measurement: name, Series: []*mapping.Series{
		{Tag: name, Field: name, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Text, Labels: []mapping.Label{{Name: "l" + name, Value: name}, {Name: "none"}}}},
		{Tag: "other", Field: name + "2", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int, Labels: []mapping.Label{{Name: "l" + name, Value: name}, {Name: "none"}}, Enum: []mapping.EnumText{{Value: 1, Text: text}}}},
	}})
	b := &mapping.Batch{Group: g}
	s := mapping.Sample{Time: at}
	b.PutText(&s, []byte(text))
	b.Samples = append(b.Samples, s, mapping.Sample{Time: at, Index: 1, Kind: mapping.Int, Bits: 1})

	lines := NewLine(LineOptions{Narrow: narrow}).Append(nil, b)
	tags := []influxd.Tag{{Name: "bridge", Value: written(name)}, {Name: "device", Value: written(name)},
		{Name: written("l" + name), Value: written(name)}}
	measurement := written(name)
	if strings.HasPrefix(name, "#") {
		measurement = `\` + measurement
	}
	want := influxd.Point{Measurement: measurement, Tags: tags, Time: at, Fields: []influxd.Field{
		{Name: written(name), Value: text}, {Name: written(name + "2"), Value: 1.0}}}
	if text != "" {
		want.Fields = append(want.Fields, influxd.Field{Name: written(name+"2") + ".text", Value: text})
	}
	if narrow {
		want.Tags = append(want.Tags, influxd.Tag{Name: "tag", Value: written(name)})
		want.Fields = []influxd.Field{{Name: "value_text", Value: text}, {Name: "quality", Value: "Good"}}
		lines = lines[:firstLine(lines)]
	}
	got, err := influxd.ParseLine([]byte(strings.TrimSuffix(string(lines), "\n")), 1)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("name %q, text %q: line %q reads as\n%+v, %v, want\n%+v", name, text, lines, got, err, want)
	}
}

// firstLine is the length of the first line of b; line feeds in strings do not count.
func firstLine(b []byte) int {
	quoted, blanks := false, 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++
		case c == ' ':
			blanks++
		case c == '"' && blanks > 0:
			quoted = !quoted
		case c == '\n' && !quoted:
			return i
		}
	}
	return len(b)
}

// FuzzLineSamples gives an encoder any samples, and checks that what it writes can be read and says no more and no
// less than they do.
func FuzzLineSamples(f *testing.F) {
	f.Add([]byte{0, 0, 1, 1, 0, 2, 2, 5, 1, 1, 7, 3}, uint8(0))
	f.Add([]byte{8, 3, 1, 8, 3, 9, 0, 0, 0}, uint8(5))
	f.Fuzz(func(t *testing.T, spec []byte, options uint8) {
		o := LineOptions{Narrow: options&1 != 0, Unsigned: options&2 != 0,
			Precision: []time.Duration{1, time.Microsecond, time.Millisecond, time.Second}[options>>2&3]}
		b := samplesOf(spec)
		l := NewLine(o)
		text := string(l.Append(nil, b))
		if l.Check(b) < len(b.Samples) {
			return // one is left out
		}
		got := make(map[string]any)
		for line := range strings.Lines(text) {
			p, err := influxd.ParseLine([]byte(strings.TrimSuffix(line, "\n")), int64(o.Precision))
			if err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			for _, field := range p.Fields {
				got[keyOfField(&p, field.Name)] = field.Value
			}
		}
		want := valuesOf(b, o)
		for key, v := range want {
			if got[key] != v {
				t.Errorf("%s = %v (%T), want %v (%T), in\n%s", key, got[key], got[key], v, v, text)
			}
		}
	})
}

// onePlant is plant, made once: an identity takes longer to make than samples.
var onePlant = sync.OnceValue(plant)

// samplesOf makes three bytes each a sample of plant: series, time and value.
func samplesOf(spec []byte) *mapping.Batch {
	b := &mapping.Batch{Group: onePlant()}
	for ; len(spec) >= 3; spec = spec[3:] {
		i := int(spec[0]) % len(b.Group.Series)
		s := mapping.Sample{Index: uint16(i), Kind: b.Group.Series[i].Kind, Time: at + int64(spec[1])*int64(100*time.Millisecond)}
		switch v := uint64(spec[2]); s.Kind {
		case mapping.F32:
			s.Bits = uint64(math.Float32bits(float32(v) / 8))
		case mapping.F64:
			s.Bits = math.Float64bits(float64(v) / -8)
		case mapping.Bool:
			s.Bits = v & 1
		case mapping.Uint64:
			s.Bits = v << 56
		case mapping.Text:
			b.PutText(&s, []byte(strings.Repeat("x", int(v))))
		default:
			s.Bits = v
		}
		b.Samples = append(b.Samples, s)
	}
	return b
}

// valuesOf is the last value of every series at every time, by keyOfField.
func valuesOf(b *mapping.Batch, o LineOptions) map[string]any {
	want := make(map[string]any)
	for i := range b.Samples {
		s := &b.Samples[i]
		p := influxd.Point{Time: s.Time / int64(o.Precision) * int64(o.Precision)}
		name := b.Group.Series[s.Index].Field
		p.Tags = []influxd.Tag{{Name: "tag", Value: name}}
		var v any
		field := "value"
		switch s.Kind {
		case mapping.F32:
			v = float64(math.Float32frombits(uint32(s.Bits)))
		case mapping.F64:
			v = math.Float64frombits(s.Bits)
		case mapping.Dec:
			v = float64(s.Bits) / 10
		case mapping.Bool:
			v, field = s.Bits == 1, "value_bool"
		case mapping.Int64:
			v, field = int64(s.Bits), "value_int"
		case mapping.Uint64:
			v, field = int64(s.Bits), "value_int"
			if o.Unsigned {
				v = s.Bits
			}
		case mapping.Text:
			v, field = string(b.Text(s)), "value_text"
		default:
			v = float64(s.Bits)
		}
		if !o.Narrow {
			field = name
		}
		want[keyOfField(&p, field)] = v
	}
	return want
}

// keyOfField tells fields of a time from each other, in both layouts.
func keyOfField(p *influxd.Point, field string) string {
	if strings.HasPrefix(field, "value") {
		return time.Duration(p.Time).String() + " " + p.Tag("tag") + " " + field
	}
	return time.Duration(p.Time).String() + " " + field
}
