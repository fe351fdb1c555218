package alarm

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func statesForTests() [][]byte {
	r := NewRule(Rule{Limits: limitsOf(10, 20, 80, 90), OnDelay: 2 * time.Second, OffDelay: 5 * time.Second, Grace: time.Second}, 1)
	var list [][]byte
	for _, values := range [][]float64{{}, {50}, {85}, {95, 95, 95}, {95, 95, 95, math.NaN()}, {95, 95, 95, 70, 60}, {5, 5, 5}} {
		var st State
		polled(&st, &r, 1_700_000_000, values...)
		list = append(list, st.Append(nil))
	}
	return list
}

func TestBinary(t *testing.T) {
	for _, b := range statesForTests() {
		st, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if again := st.Append(nil); !bytes.Equal(again, b) || len(b) > MaxBinary {
			t.Errorf("%x is %x again", b, again)
		}
		for n := range b {
			if _, err := Parse(b[:n]); err == nil {
				t.Errorf("%x is read", b[:n])
			}
		}
		if _, err := Parse(append(bytes.Clone(b), 0)); err == nil {
			t.Errorf("%x and more is read", b)
		}
	}
	if n := len(statesForTests()[1]); n != 3 {
		t.Errorf("an alarm at rest needs %d bytes", n)
	}
}

// FuzzParse has no state that is read do what no state does: tell levels that there are not, without end, or panic.
func FuzzParse(f *testing.F) {
	for _, b := range statesForTests() {
		f.Add(b, 85.0, int64(1_700_000_100))
	}
	r := NewRule(Rule{Limits: limitsOf(10, 20, 80, 0), OnDelay: 2 * time.Second, OffDelay: 5 * time.Second, Grace: time.Second}, 1)
	f.Fuzz(func(t *testing.T, b []byte, value float64, at int64) {
		st, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := Parse(st.Append(nil)); err != nil || again.level != st.level || again.active != st.active {
			t.Fatalf("%x: %+v, again %+v, %v", b, st, again, err)
		}
		if value-value != 0 {
			return
		}
		at %= 1 << 50
		out := st.Tick(nil, &r, at)
		out = st.Put(out, &r, Sample{Time: at, Value: value}, math.MaxInt64)
		st.Rejudge(&r)
		out = st.Put(out, &r, Sample{Time: at + 1, Value: value}, second)
		if len(out) > 12 {
			t.Fatalf("%x tells %d times", b, len(out))
		}
		for _, o := range out {
			if o.Level >= NumLevels {
				t.Fatalf("%x tells level %d", b, o.Level)
			}
		}
	})
}
