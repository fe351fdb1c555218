package plc

import (
	"math"
	"testing"
	"time"

	"tagbridge/mapping"
)

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// values of tag, one every step.
func values(u *Unit, c *clock, tag *mapping.Tag, n int, step time.Duration) []Value {
	out := make([]Value, n)
	for i := range out {
		c.now = c.now.Add(step)
		ask(u, []byte{fnHolding, 0, 0, 0, 1})
		out[i] = u.Expected(tag)
	}
	return out
}

func dec(mant int64, exp int8) mapping.Decimal { return mapping.Decimal{Mant: mant, Exp: exp} }

// assorted is a tag of each kind of range, type and order, one behind the other.
func assorted() []*mapping.Tag {
	var tags []*mapping.Tag
	at := uint16(0)
	add := func(t mapping.Tag) {
		t.Address = mapping.Address{Table: mapping.Holding, Number: at}
		at += uint16(t.Registers())
		tags = append(tags, &t)
	}
	for typ := mapping.TypeInt8; typ <= mapping.TypeBCD32; typ++ {
		for order := mapping.ABCD; order <= mapping.DCBA; order++ {
			add(mapping.Tag{Name: typ.String(), Traits: &mapping.Traits{Type: typ, Order: order, Length: 7}})
		}
		if typ == mapping.TypeString {
			continue
		}
		add(mapping.Tag{
			Name:   "limits",
			Traits: &mapping.Traits{Type: typ, Min: mapping.Bound{Decimal: dec(20, 0), Set: true}, Max: mapping.Bound{Decimal: dec(80, 0), Set: true}},
		})
		add(mapping.Tag{
			Name:   "linear",
			Traits: &mapping.Traits{Type: typ, Unit: "°C", Scaling: mapping.Scaling{Kind: mapping.Linear, Scale: dec(1, -1), Offset: dec(-40, 0)}},
		})
		add(mapping.Tag{
			Name: "range",
			Traits: &mapping.Traits{Type: typ, Clamp: mapping.ClampBoth, Scaling: mapping.Scaling{Kind: mapping.FromRange,
				RawMin: dec(100, 0), RawMax: dec(0, 0), EngMin: dec(-4, 0), EngMax: dec(160, -1)}},
		})
	}
	return tags
}

func TestValuesInRange(t *testing.T) {
	c, tags := newClock(), assorted()
	u := NewUnit(UnitOptions{Tags: tags, Clock: c.time, Seed: 3})
	for _, tag := range tags {
		seen := make(map[string]bool)
		for _, v := range values(u, c, tag, 200, 7*time.Second) {
			seen[v.Text] = true
			if v.Quality != mapping.Good {
				t.Fatalf("%s %v: %+v", tag.Name, tag.Type, v)
			}
		}
		if len(seen) < 5 {
			t.Errorf("%s %v %v stands still: %v", tag.Name, tag.Type, tag.Order, seen)
		}
	}
}

func TestNoisyValuesInRange(t *testing.T) {
	c, tags := newClock(), assorted()
	u := NewUnit(UnitOptions{Tags: tags, Clock: c.time, Noisy: true})
	for _, tag := range tags {
		for _, v := range values(u, c, tag, 50, time.Second) {
			if v.Quality != mapping.Good {
				t.Fatalf("%s %v: %+v", tag.Name, tag.Type, v)
			}
		}
	}
}

func TestCounterClimbs(t *testing.T) {
	for _, tag := range []*mapping.Tag{
		{Name: "energy", Traits: &mapping.Traits{Type: mapping.TypeUint32, Unit: "kWh"}},
		{Name: "pieces_total", Traits: &mapping.Traits{Type: mapping.TypeInt32}},
		{Name: "volume", Traits: &mapping.Traits{Type: mapping.TypeFloat64, Unit: "m³"}},
	} {
		tag.Address.Table = mapping.Holding
		c := newClock()
		u := NewUnit(UnitOptions{Tags: []*mapping.Tag{tag}, Clock: c.time})
		last := math.Inf(-1)
		first := u.Expected(tag).Number
		for _, v := range values(u, c, tag, 500, 20*time.Second) {
			if v.Number < last {
				t.Errorf("%s went from %v to %v", tag.Name, last, v.Number)
			}
			last = v.Number
		}
		if last <= first {
			t.Errorf("%s did not climb: %v to %v", tag.Name, first, last)
		}
	}
}

func TestEnumWalks(t *testing.T) {
	tag := holding("state", 0, mapping.TypeUint16)
	tag.Enum = []mapping.EnumText{{Value: 0, Text: "stopped"}, {Value: 1, Text: "running"}, {Value: 7, Text: "fault"}}
	c := newClock()
	u := NewUnit(UnitOptions{Tags: []*mapping.Tag{tag}, Clock: c.time})
	seen := make(map[string]bool)
	for _, v := range values(u, c, tag, 100, 5*time.Second) {
		seen[v.Enum] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("texts seen: %v", seen)
	}
}

func TestInvalidIsAvoided(t *testing.T) {
	tag := holding("n", 0, mapping.TypeUint16)
	tag.Min, tag.Max = mapping.Bound{Decimal: dec(0, 0), Set: true}, mapping.Bound{Decimal: dec(20, 0), Set: true}
	tag.Invalid = []mapping.Invalid{{Value: dec(9, 0)}, {Hex: true, Bits: 10}}
	c := newClock()
	u := NewUnit(UnitOptions{Tags: []*mapping.Tag{tag}, Clock: c.time})
	for _, v := range values(u, c, tag, 500, 3*time.Second) {
		if v.Quality != mapping.Good {
			t.Fatalf("%+v", v)
		}
	}
}

func TestSameSeedSameValues(t *testing.T) {
	run := func(seed uint64) []Value {
		c, tags := newClock(), assorted()
		u := NewUnit(UnitOptions{Tags: tags, Clock: c.time, Seed: seed})
		var out []Value
		for _, tag := range tags {
			out = append(out, values(u, c, tag, 5, time.Second)...)
		}
		return out
	}
	a, b, other := run(1), run(1), run(2)
	same := 0
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("value %d: %+v and %+v", i, a[i], b[i])
		}
		if a[i] == other[i] {
			same++
		}
	}
	if same > len(a)/2 {
		t.Errorf("%d of %d values are the same with another seed", same, len(a))
	}
}

func TestFreeze(t *testing.T) {
	c, tag := newClock(), holding("x", 0, mapping.TypeFloat32)
	u := NewUnit(UnitOptions{Tags: []*mapping.Tag{tag}, Clock: c.time})
	u.Freeze()
	before := u.Expected(tag)
	if got := values(u, c, tag, 1, time.Minute)[0]; got != before {
		t.Errorf("frozen value moved from %v to %v", before, got)
	}
	u.Thaw()
	if got := values(u, c, tag, 1, time.Minute)[0]; got == before {
		t.Errorf("thawed value stayed %v", got)
	}
}

func BenchmarkRefreshNoisy(b *testing.B) {
	var tags []*mapping.Tag
	for i := range 250 {
		f := holding("f", uint16(2*i), mapping.TypeFloat32)
		n := holding("n", uint16(500+i), mapping.TypeInt16)
		n.Scaling = mapping.Scaling{Kind: mapping.Linear, Scale: dec(1, -1)}
		tags = append(tags, f, n)
	}
	c := newClock()
	u := NewUnit(UnitOptions{Tags: tags, Clock: c.time, Noisy: true})
	for b.Loop() {
		c.now = c.now.Add(time.Second)
		u.refresh(c.now)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/750, "ns/register")
}
