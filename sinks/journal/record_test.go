package journal

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// encoded is one record of all samples of b, at p.
func encoded(t testing.TB, b *mapping.Batch, p sinks.Pos) []byte {
	t.Helper()
	var e encoder
	if err := e.encode(b, b.Samples); err != nil {
		t.Fatal(err)
	}
	place(e.record, p)
	return e.record
}

// decoded reads a record that b's group was given to.
func decoded(record []byte, g *mapping.Group, b *mapping.Batch) (header, error) {
	h, err := parseHeader(record)
	if err != nil {
		return h, err
	}
	payload, err := h.payload(record)
	if err != nil {
		return h, err
	}
	return h, parseSamples(payload, h.samples, g, b)
}

// same compares samples and the texts that they hold.
func same(a, b *mapping.Batch) bool {
	return slices.EqualFunc(a.Samples, b.Samples, func(x, y mapping.Sample) bool {
		if x.Kind == mapping.Text && y.Kind == mapping.Text {
			if string(a.Text(&x)) != string(b.Text(&y)) {
				return false
			}
			x.Bits, y.Bits = 0, 0
		}
		return x == y
	})
}

func TestRecordRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	g := mixedGroup("press")
	var in, out mapping.Batch
	for i := range 2000 {
		mixed(r, &in, g, 1+r.IntN(60))
		p := sinks.Pos(r.Uint64() >> 2)
		h, err := decoded(encoded(t, &in, p), g, &out)
		if err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		if h.pos != p || h.samples != len(in.Samples) || !same(&in, &out) {
			t.Fatalf("round %d: position %d, %d samples, read\n%v\nwant %d\n%v", i, h.pos, h.samples, out.Samples, p, in.Samples)
		}
	}
}

func TestRecordSize(t *testing.T) {
	for _, c := range []struct {
		tags int
		most float64
	}{{500, 4}, {20, 6}} {
		var b mapping.Batch
		r := rand.New(rand.NewPCG(3, 4))
		poll(r, &b, plantGroup("boiler", c.tags), 1_700_000_000_123_456_789)
		if each := float64(len(encoded(t, &b, 1<<40))) / float64(c.tags); each > c.most {
			t.Errorf("a poll of %d tags takes %.2f bytes a sample, want at most %v", c.tags, each, c.most)
		}
	}
}

func TestRecordCut(t *testing.T) {
	var in, out mapping.Batch
	g := mixedGroup("press")
	mixed(rand.New(rand.NewPCG(5, 6)), &in, g, 40)
	record := encoded(t, &in, 9)
	for n := range record {
		if _, err := decoded(record[:n], g, &out); !errors.Is(err, ErrCorrupt) {
			t.Errorf("record cut to %d of %d bytes: error %v, want corrupt", n, len(record), err)
		}
	}
	for n := range len(record) - headerSize {
		if err := parseSamples(record[headerSize:headerSize+n], len(in.Samples), g, &out); !errors.Is(err, ErrCorrupt) {
			t.Errorf("payload cut to %d of %d bytes: error %v, want corrupt", n, len(record)-headerSize, err)
		}
	}
}

func TestRecordFlip(t *testing.T) {
	var in, out mapping.Batch
	g := mixedGroup("press")
	mixed(rand.New(rand.NewPCG(7, 8)), &in, g, 40)
	record := encoded(t, &in, 9)
	for bit := range 8 * len(record) {
		record[bit/8] ^= 1 << (bit % 8)
		if _, err := decoded(record, g, &out); !errors.Is(err, ErrCorrupt) {
			t.Errorf("bit %d flipped: error %v, want corrupt", bit, err)
		}
		record[bit/8] ^= 1 << (bit % 8)
	}
}

func TestAppendSamplesRefuses(t *testing.T) {
	g := plantGroup("boiler", 2)
	for name, s := range map[string]mapping.Sample{
		"series": {Index: 2, Kind: mapping.F32},
		"kind":   {Index: 0, Kind: mapping.Text + 1},
	} {
		b := mapping.Batch{Group: g, Samples: []mapping.Sample{s}}
		if _, err := appendSamples(nil, &b, b.Samples); err == nil {
			t.Errorf("a sample of a %s that there is not was taken", name)
		}
	}
}

func TestParseSamplesRefuses(t *testing.T) {
	g := plantGroup("boiler", 3)
	head := make([]byte, sampleHead)
	for name, steps := range map[string][]byte{
		"empty run":               {0<<2 + stepRun},
		"run past the series":     {4<<2 + stepRun, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
		"skip before the first":   {1<<2 + stepSkip, 1<<2 + stepRun, 0, 0, 0, 0},
		"skip past the last":      {6<<2 + stepSkip, 1<<2 + stepRun, 0, 0, 0, 0},
		"time with an argument":   {1<<2 + stepTime, 0, 1<<2 + stepRun, 0, 0, 0, 0},
		"kind that there is not":  {byte(mapping.Text+1)<<2 + stepOdd, 0},
		"odd with an unknown bit": {0x80 | byte(mapping.None)<<2 + stepOdd, 2},
		"bool of 2":               {byte(mapping.Bool)<<2 + stepOdd, 2},
		"step without an end":     {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
		"trailing byte":           {1<<2 + stepRun, 0, 0, 0, 0, 0},
	} {
		var b mapping.Batch
		if err := parseSamples(append(head, steps...), 1, g, &b); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: error %v, want corrupt", name, err)
		}
	}
}

func FuzzSamples(f *testing.F) {
	g := mixedGroup("press")
	r := rand.New(rand.NewPCG(9, 10))
	var b mapping.Batch
	for range 20 {
		mixed(r, &b, g, 1+r.IntN(40))
		f.Add(encoded(f, &b, 0)[headerSize:], len(b.Samples))
	}
	f.Fuzz(func(t *testing.T, payload []byte, n int) {
		if n < 1 || n > maxSamples {
			return
		}
		var in, out mapping.Batch
		if parseSamples(payload, n, g, &in) != nil {
			return
		}
		again, err := appendSamples(nil, &in, in.Samples)
		if err != nil {
			t.Fatalf("append what was read: %v", err)
		}
		if err := parseSamples(again, n, g, &out); err != nil || !same(&in, &out) {
			t.Fatalf("read again: %v\n%v\nwant\n%v", err, out.Samples, in.Samples)
		}
	})
}

func FuzzHeader(f *testing.F) {
	var b mapping.Batch
	poll(rand.New(rand.NewPCG(1, 1)), &b, plantGroup("boiler", 3), 1)
	f.Add(encoded(f, &b, 77))
	f.Fuzz(func(t *testing.T, record []byte) {
		h, err := parseHeader(record)
		if err != nil {
			return
		}
		if payload, err := h.payload(record); err == nil && len(payload) != h.size {
			t.Fatalf("payload of %d bytes, header says %d", len(payload), h.size)
		}
	})
}
