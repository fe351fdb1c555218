package mqtt

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"tagbridge/testrig/sinktest"
)

// What an edge node publishes is read here by hand, and not with what writes it.

// field is one of a message of Protocol Buffers: a number, or bytes.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

// protobuf are the fields of b.
func protobuf(b []byte) (list []field) {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		b = b[n:]
		f := field{number: int(key >> 3)}
		switch key & 7 {
		case 0:
			f.value, n = binary.Uvarint(b)
			b = b[n:]
		case 1:
			f.value = binary.LittleEndian.Uint64(b)
			b = b[8:]
		case 5:
			f.value = uint64(binary.LittleEndian.Uint32(b))
			b = b[4:]
		case 2:
			size, n := binary.Uvarint(b)
			f.bytes, b = b[n:n+int(size)], b[n+int(size):]
		}
		list = append(list, f)
	}
	return list
}

// spMetric is a metric as it came.
type spMetric struct {
	name       string
	alias      uint64
	time       int64
	datatype   uint64
	historical bool
	null       bool
	value      any
}

// spPayload is a message of Sparkplug as it came.
type spPayload struct {
	kind, device string
	seq          int // -1: none
	metrics      []spMetric
}

// metric is that of this name.
func (p *spPayload) metric(name string) *spMetric {
	for i := range p.metrics {
		if p.metrics[i].name == name {
			return &p.metrics[i]
		}
	}
	return &spMetric{}
}

func spParse(topic string, payload []byte) spPayload {
	levels := strings.Split(topic, "/")
	p := spPayload{kind: levels[2], seq: -1}
	if len(levels) > 4 {
		p.device = levels[4]
	}
	for _, f := range protobuf(payload) {
		switch f.number {
		case 2:
			p.metrics = append(p.metrics, spParseMetric(f.bytes))
		case 3:
			p.seq = int(f.value)
		}
	}
	return p
}

func spParseMetric(b []byte) (m spMetric) {
	for _, f := range protobuf(b) {
		switch f.number {
		case 1:
			m.name = string(f.bytes)
		case 2:
			m.alias = f.value
		case 3:
			m.time = int64(f.value)
		case 4:
			m.datatype = f.value
		case 5:
			m.historical = f.value != 0
		case 7:
			m.null = f.value != 0
		case 10:
			m.value = int64(int32(uint32(f.value)))
		case 11:
			m.value = f.value
		case 12:
			m.value = float64(math.Float32frombits(uint32(f.value)))
		case 13:
			m.value = math.Float64frombits(f.value)
		case 14:
			m.value = f.value != 0
		case 15:
			m.value = string(f.bytes)
		}
	}
	return m
}

// spHost follows sessions, as hosts do: it knows names and types from births.
type spHost struct {
	names map[uint64]spMetric // by alias, of the present session
	taken []sinktest.Sample   // of data
}

// see takes a message, and adds what it has of data.
func (h *spHost) see(p spPayload) {
	if p.kind == "NBIRTH" || h.names == nil {
		h.names = map[uint64]spMetric{}
	}
	for _, m := range p.metrics {
		switch p.kind {
		case "NBIRTH", "DBIRTH":
			h.names[m.alias] = m
		case "DDATA":
			of := h.names[m.alias]
			v := m.value
			if n, ok := v.(uint64); ok && of.datatype == 4 {
				v = int64(n)
			}
			if f, ok := v.(float64); ok && of.datatype == 9 {
				v = shortest32(f)
			}
			h.taken = append(h.taken, sinktest.Sample{Device: p.device, Tag: of.name, Time: m.time * 1e6, Value: sinktest.Value(v)})
		}
	}
}

// hold has f answer no fences, or answer them again.
func (f *fake) hold(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mute = on
}

func (f *fake) fenced() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.fences)
}

func contextOf(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithCancel(patience(t))
}
