package heir

import (
	"errors"
	"slices"
	"testing"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/sinks"
)

// walked is what came of walking.
type walked struct {
	values  []int
	missing []replica.Missing
}

// walk walks over list from a position on; with learn, groups that are not known are looked for in all of list.
func walk(t testing.TB, list []replica.Message, journal uint64, at sinks.Pos) (out walked) {
	t.Helper()
	w := walker{journal: journal, at: at}
	for i := range list {
		p, err := w.take(uint64(i+1), &list[i])
		if errors.Is(err, errUnknown) {
			for k := range list {
				_ = w.decoder.Learn(list[k].Records)
			}
			w.learned = true
			p, err = w.take(uint64(i+1), &list[i])
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p.parts {
			for k, s := range x.batch.Samples {
				if s.Bits != uint64(x.pos)+uint64(k) {
					t.Fatalf("the sample of position %d stands at %d", s.Bits, x.pos)
				}
				out.values = append(out.values, int(s.Bits))
			}
		}
		for _, m := range p.missing {
			out.missing = appendMissing(out.missing, m)
		}
	}
	return out
}

func gap(from, to int, why string) replica.Missing {
	return replica.Missing{Span: sinks.Span{From: sinks.Pos(from), To: sinks.Pos(to)}, Why: why}
}

func TestWalk(t *testing.T) {
	j := open(t, "", "s")
	a, b := group("a", 10), group("b", 5)
	for range 20 {
		count(t, j, a, 10)
		count(t, j, b, 5)
	}
	list := messages(t, j, "pc-a", 0, 7)
	id := list[0].Journal
	other := slices.Clone(list)
	for i := range other {
		other[i].Journal++
	}
	twice := append(append(slices.Clone(list[:20]), list[10:]...), list[5:9]...)
	for name, c := range map[string]struct {
		list    []replica.Message
		at      sinks.Pos
		values  []int
		missing []replica.Missing
	}{
		"all of it":             {list, 0, numbers(0, 300), nil},
		"from within a record":  {list, 103, numbers(103, 300), nil},
		"some comes twice":      {twice, 12, numbers(12, 300), nil},
		"from the end":          {list, 300, nil, nil},
		"the cursor is ahead":   {list, 5000, nil, nil},
		"another journal's":     {other, 0, nil, nil},
		"the beginning is gone": {list[9:], 20, numbers(int(list[9].From), 300), []replica.Missing{gap(20, int(list[9].From), whyTrimmed)}},
		"a hole": {append(slices.Clone(list[:3]), list[6:]...), 0,
			append(numbers(0, int(list[2].To)), numbers(int(list[6].From), 300)...), []replica.Missing{gap(int(list[2].To), int(list[6].From), whyTrimmed)}},
	} {
		got := walk(t, c.list, id, c.at)
		if !slices.Equal(got.values, c.values) || !slices.Equal(got.missing, c.missing) {
			t.Errorf("%s: %d values, missing %v; want %d, %v", name, len(got.values), got.missing, len(c.values), c.missing)
		}
	}
}

// TestWalkParts has a record come in three messages, one of which is not there, or comes twice.
func TestWalkParts(t *testing.T) {
	j := open(t, "", "s")
	g := group("a", 20)
	for range 3 {
		count(t, j, g, 20)
	}
	whole := messages(t, j, "pc-a", 0, 1)
	var list []replica.Message
	for _, m := range whole {
		for k := range 3 {
			p := m
			p.Part, p.Parts = uint32(k), 3
			n := len(m.Records) / 3
			if p.Records = m.Records[k*n : (k+1)*n]; k == 2 {
				p.Records = m.Records[k*n:]
			}
			list = append(list, p)
		}
	}
	id := list[0].Journal
	if got := walk(t, list, id, 0); !slices.Equal(got.values, numbers(0, 60)) || got.missing != nil {
		t.Errorf("in parts: %d values, missing %v", len(got.values), got.missing)
	}
	again := append(slices.Clone(list[:5]), list[3:]...)
	if got := walk(t, again, id, 0); !slices.Equal(got.values, numbers(0, 60)) || got.missing != nil {
		t.Errorf("a part again: %d values, missing %v", len(got.values), got.missing)
	}
	for k := 3; k < 6; k++ {
		cut := slices.Delete(slices.Clone(list), k, k+1)
		got := walk(t, cut, id, 0)
		if !slices.Equal(got.values, append(numbers(0, 20), numbers(40, 60)...)) || len(got.missing) != 1 || got.missing[0].Span != (sinks.Span{From: 20, To: 40}) {
			t.Errorf("without part %d: %v, missing %v", k-3, got.values, got.missing)
		}
	}
}

// TestWalkReasons has the sender say what it had no copy of.
func TestWalkReasons(t *testing.T) {
	j := open(t, "", "s")
	g := group("a", 10)
	for range 5 {
		count(t, j, g, 10)
	}
	list := messages(t, j, "pc-a", 0, 1)
	list[2].Prev, list[2].Why = 20, replica.WhyLimits
	cut := append(slices.Clone(list[:1]), list[2:]...) // 10 to 20 is gone from the stream
	list[2].Prev = 10
	said := append(slices.Clone(list[:1]), list[2:]...) // it never was in it
	list[2].Why = replica.WhyDelivered
	delivered := append(slices.Clone(list[:1]), list[2:]...)
	id := list[0].Journal
	if got := walk(t, cut, id, 0); !slices.Equal(got.missing, []replica.Missing{gap(10, 20, whyTrimmed)}) {
		t.Errorf("missing %v", got.missing)
	}
	if got := walk(t, said, id, 0); !slices.Equal(got.missing, []replica.Missing{gap(10, 20, "limits")}) {
		t.Errorf("missing %v", got.missing)
	}
	if got := walk(t, delivered, id, 0); got.missing != nil {
		t.Errorf("missing %v", got.missing)
	}
}

// TestWalkDamage flips every bit of a record: nothing wrong is delivered, and what is not is missing.
func TestWalkDamage(t *testing.T) {
	j := open(t, "", "s")
	g := group("a", 4)
	for range 3 {
		count(t, j, g, 4)
	}
	list := messages(t, j, "pc-a", 0, 1)
	whole := list[1].Records
	for n := range whole {
		for bit := range 8 {
			odd := slices.Clone(whole)
			odd[n] ^= 1 << bit
			list[1].Records = odd
			got := walk(t, list, list[0].Journal, 0)
			missing := 0
			for _, m := range got.missing {
				missing += int(m.To - m.From)
			}
			if len(got.values)+missing != 12 || !slices.IsSorted(got.values) {
				t.Fatalf("byte %d, bit %d: %v, missing %v", n, bit, got.values, got.missing)
			}
		}
	}
}

func TestMissingIsBounded(t *testing.T) {
	var list []replica.Missing
	sum := 0
	for i := range 10_000 {
		m := gap(10*i, 10*i+1+i%7, "limits")
		sum += 1 + i%7
		list = appendMissing(list, m)
	}
	if len(list) > mostMissing || list[0].From != 0 || int(list[len(list)-1].To) < 99_990 {
		t.Errorf("%d stretches from %d to %d", len(list), list[0].From, list[len(list)-1].To)
	}
	all := 0
	for i, m := range list {
		all += int(m.To - m.From)
		if i > 0 && m.From < list[i-1].To {
			t.Errorf("%v after %v", m, list[i-1])
		}
	}
	if all < sum {
		t.Errorf("%d are missing, and only %d are told", sum, all)
	}
}
