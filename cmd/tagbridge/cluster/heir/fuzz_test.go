package heir

import (
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
)

// FuzzSight has the bucket hold any key and value: nothing is claimed that cannot be told from others.
func FuzzSight(f *testing.F) {
	id := replica.Name(7)
	f.Add("pc-a."+id+".cloud", replica.Cursor{Journal: id, Sink: "cloud", Position: 3}.Bytes())
	f.Add("pc-a."+id+"._journal", replica.End{Journal: id, Position: 3}.Bytes())
	f.Add("pc-a.7.cloud", []byte("{}"))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		s := &Sight{Self: "pc-b", Able: true, Living: map[string]bool{"pc-b": true}, Sinks: map[string]bool{"cloud": true}, Last: map[string]uint64{"pc-a": 9}}
		s.add(key, value, 5)
		b := NewBook(quick)
		for now := time.Duration(0); now < time.Minute; now += time.Second {
			v := b.Look(s, now)
			for i := range v.Take {
				if e := &v.Take[i]; e.Key() != key || e.Node == "pc-b" || e.Sink != "cloud" {
					t.Fatalf("%q: takes %+v", key, e)
				}
			}
		}
	})
}

// FuzzWalk has a stream hold any two messages: positions never go back, and what is delivered and missing is in order.
func FuzzWalk(f *testing.F) {
	j := open(f, "", "s")
	count(f, j, group("a", 5), 20)
	list := messages(f, j, "pc-a", 0, 2)
	var seeds [][]byte
	for i := range list {
		b, err := list[i].Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, b)
	}
	f.Add(seeds[0], seeds[1], list[1].Records)
	f.Add(seeds[2], seeds[1], list[0].Records)
	f.Fuzz(func(t *testing.T, one, two, records []byte) {
		w := walker{journal: list[0].Journal, learned: true}
		for i, b := range [][]byte{one, two, one} {
			m, err := replica.Parse(b)
			if err != nil {
				w.skip(uint64(i))
				continue
			}
			if i == 2 && len(records) > 0 { // what is below the checksum of the message
				m.Records = records
			}
			before := w.at
			p, err := w.take(uint64(i), &m)
			if err != nil {
				continue
			}
			at := before
			if w.at < before || p.to != w.at {
				t.Fatalf("from %d to %d, the piece ends at %d", before, w.at, p.to)
			}
			for _, x := range p.parts {
				if x.pos < at {
					t.Fatalf("samples of %d after %d", x.pos, at)
				}
				at = x.pos
			}
		}
	})
}
