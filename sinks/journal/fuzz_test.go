package journal

import (
	"slices"
	"testing"

	"tagbridge/sinks"
)

// FuzzSegment opens a journal on a segment of any bytes: whatever they are, it opens, ends, counts every position once
// as a sample or as lost, and goes on.
func FuzzSegment(f *testing.F) {
	whole, _ := damageable(f, 1, 6)
	data := lastSegment(whole).data
	f.Add(data, false)
	f.Add(data, true)
	f.Add(data[:len(data)-5], false)
	f.Add(append(data[:200:200], data[230:]...), true)
	f.Add(append(data[:300:300], data...), false)
	f.Add([]byte{}, false)
	name := (&segment{number: 1}).name()
	f.Fuzz(func(t *testing.T, b []byte, sums bool) {
		d := newMemFolder()
		if sums {
			b = withSums(b)
		}
		d.put(name, b)
		j := newJournal(Options{Sync: 1})
		if err := (opening{j}).recover(d); err != nil {
			return // a format version that is not known
		}
		p, _ := j.Start("s", "start")
		end := j.End()
		appendCount(t, j, countGroup("new", 10), 0)
		disk{j}.flush()
		var v sinks.View
		n := 0
		for at := p; at < j.End(); {
			next, err := j.Next(t.Context(), at, sinks.Query{Sink: "s", Max: 1 << 16}, &v)
			if err != nil || next <= at || uint64(next-at) != uint64(v.Len())+v.Lost {
				t.Fatalf("from %d to %d: %d samples, %d lost, error %v", at, next, v.Len(), v.Lost, err)
			}
			at, n = next, n+v.Len()
		}
		if n < 10 || j.End() != end+10 {
			t.Fatalf("%d samples, end %d, want what was appended behind %d", n, j.End(), end)
		}
	})
}

// withSums is b with the checksums of the records in it put right, so that the fuzzer comes behind them.
func withSums(b []byte) []byte {
	b = slices.Clone(b)
	for rest := b; len(rest) >= headerSize; {
		rest[0] = magic
		h := peek(rest)
		n := headerSize + min(h.size, len(rest)-headerSize)
		seal(rest[:n], h.typ, h.samples)
		place(rest[:n], h.pos)
		rest = rest[n:]
	}
	return b
}
