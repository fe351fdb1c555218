package sparkplug

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// payload is what a message holds, as a test reads it.
type payload struct {
	topic     string
	timestamp int64
	seq       int // -1: none
	metrics   []read
}

// read is a metric.
type read struct {
	name         string
	alias        uint64
	time         int64
	datatype     uint64
	hist, null   bool
	value        string // with the number of its field before it
	keys, values []string
}

func (r read) String() string {
	text := fmt.Sprintf("%s#%d@%d", r.name, r.alias, r.time)
	if r.datatype > 0 {
		text += fmt.Sprint(" type ", r.datatype)
	}
	if r.hist {
		text += " hist"
	}
	if r.null {
		text += " null"
	}
	if r.value != "" {
		text += " " + r.value
	}
	for i := range r.keys {
		text += fmt.Sprintf(" %s=%s", r.keys[i], r.values[i])
	}
	return text
}

func number(v []byte) uint64 { n, _ := protowire.ConsumeVarint(v); return n }

func decode(t testing.TB, m *message.Message) payload {
	t.Helper()
	p := payload{topic: m.Topic.Name, seq: -1}
	must(t, fields(m.Payload, func(field protowire.Number, _ protowire.Type, v []byte) error {
		switch field {
		case 1:
			p.timestamp = int64(number(v))
		case 2:
			p.metrics = append(p.metrics, decodeMetric(t, v))
		case 3:
			p.seq = int(number(v))
		default:
			t.Errorf("payload has field %d", field)
		}
		return nil
	}))
	return p
}

func decodeMetric(t testing.TB, b []byte) (r read) {
	t.Helper()
	must(t, fields(b, func(field protowire.Number, kind protowire.Type, v []byte) error {
		switch field {
		case 1:
			r.name = string(v)
		case 2:
			r.alias = number(v)
		case 3:
			r.time = int64(number(v))
		case 4:
			r.datatype = number(v)
		case 5:
			r.hist = number(v) == 1
		case 7:
			r.null = number(v) == 1
		case 9:
			return fields(v, func(field protowire.Number, _ protowire.Type, v []byte) error {
				if field == 1 {
					r.keys = append(r.keys, string(v))
					return nil
				}
				value := ""
				err := fields(v, func(field protowire.Number, kind protowire.Type, v []byte) error {
					value += fmt.Sprint(scalar(field, kind, v), " ")
					return nil
				})
				r.values = append(r.values, strings.TrimSpace(value))
				return err
			})
		default:
			r.value = scalar(field, kind, v)
		}
		return nil
	}))
	if len(r.keys) != len(r.values) {
		t.Errorf("%d keys, %d values", len(r.keys), len(r.values))
	}
	return r
}

func scalar(field protowire.Number, kind protowire.Type, v []byte) string {
	switch kind {
	case protowire.VarintType:
		return fmt.Sprintf("%d:%d", field, number(v))
	case protowire.Fixed32Type:
		n, _ := protowire.ConsumeFixed32(v)
		return fmt.Sprintf("%d:%g", field, math.Float32frombits(n))
	case protowire.Fixed64Type:
		n, _ := protowire.ConsumeFixed64(v)
		return fmt.Sprintf("%d:%g", field, math.Float64frombits(n))
	}
	return fmt.Sprintf("%d:%q", field, v)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// all are the messages that n makes now.
func all(t testing.TB, n *Node) (list []payload) {
	t.Helper()
	for {
		var m message.Message
		if !n.Next(&m) {
			return list
		}
		list = append(list, decode(t, &m))
	}
}

// lines are payloads as text: kind of the message and device, number, metrics.
func lines(list []payload) (out []string) {
	for _, p := range list {
		parts := strings.Split(p.topic, "/")
		text := strings.Join(append(parts[2:3], parts[4:]...), " ") + fmt.Sprint(" ", p.seq)
		for _, m := range p.metrics {
			text += " | " + m.String()
		}
		out = append(out, text)
	}
	return out
}

// second is in nanoseconds.
const second = 1_000_000_000

// group is a device with tags of those kinds: t0, t1 and so on.
func group(device string, kinds ...mapping.Kind) *mapping.Group {
	g := mapping.Group{Bridge: "b", Device: device}
	for i, k := range kinds {
		g.Series = append(g.Series, &mapping.Series{Tag: fmt.Sprint("t", i), SeriesTraits: &mapping.SeriesTraits{Kind: k, Exp: -2}})
	}
	return mapping.NewGroup(g)
}

// ownOf is the bridge's own group of a device.
func ownOf(device string) *mapping.Group {
	return mapping.NewGroup(mapping.Group{Bridge: "b", Device: device, Own: true, Series: ownSeries})
}

// at is a sample of series i with a value.
func at(seconds int64, i uint16, k mapping.Kind, bits uint64) mapping.Sample {
	return mapping.Sample{Time: seconds * second, Index: i, Kind: k, Bits: bits}
}

// bad is one without.
func bad(seconds int64, i uint16, q mapping.Quality) mapping.Sample {
	return mapping.Sample{Time: seconds * second, Index: i, Quality: q}
}

func view(v sinks.View, parts ...any) *sinks.View {
	for i := 0; i < len(parts); i++ {
		b := &mapping.Batch{Group: parts[i].(*mapping.Group)}
		for i+1 < len(parts) {
			s, ok := parts[i+1].(mapping.Sample)
			if !ok {
				break
			}
			b.Samples = append(b.Samples, s)
			i++
		}
		v.Append(b, nil)
	}
	return &v
}
