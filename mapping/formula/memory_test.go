package formula

import (
	"errors"
	"math"
	"testing"
	"time"
)

// lived is a formula of x and y in one process.
type lived struct {
	t    *testing.T
	f    *Formula
	in   []*Input
	past Past
	now  int64
}

func live(t *testing.T, text string, now int64) *lived {
	t.Helper()
	f, err := Compile(text, Scope{Find: func(n string) (Name, bool) { return Name{n, Number}, n == "x" }})
	if err != nil {
		t.Fatal(err)
	}
	l := &lived{t: t, f: f, now: now}
	for range f.Inputs() {
		l.in = append(l.in, NewInput())
	}
	return l
}

// put has a second pass, and x read.
func (l *lived) put(v float64) {
	l.now += int64(time.Second)
	in := l.in[0]
	in.Kind, in.Bits, in.Quality, in.Time = Float, math.Float64bits(v), Good, l.now
	in.Put(l.now)
}

// is wants the formula to give that; NaN: it waits.
func (l *lived) is(want float64) {
	l.t.Helper()
	var res Result
	l.f.Eval(l.in, &l.past, l.now, &res)
	got := math.NaN()
	if res.Quality != BadWaitingForInitialData {
		got = math.Float64frombits(res.Bits)
		if res.Kind == Int {
			got = float64(int64(res.Bits))
		}
	}
	if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
		l.t.Errorf("%s = %v, want %v", l.f.text, got, want)
	}
}

// next is the process after l, a minute later.
func (l *lived) next() *lived {
	l.t.Helper()
	n := live(l.t, l.f.text, l.now+int64(time.Minute))
	if err := n.f.ParseMemory(l.f.AppendMemory(nil, &l.past), n.in, &n.past); err != nil {
		l.t.Fatal(err)
	}
	return n
}

// TestMemory goes on after a restart: the first value then comes after the last one before, even where that was the first too.
func TestMemory(t *testing.T) {
	l := live(t, "x - previous(x)", 1e18)
	l.put(5)
	l.is(math.NaN())
	l = l.next()
	l.is(math.NaN())
	l.put(7)
	l.is(2)
	l.is(2)
	again := l.next()
	again.now = l.now - int64(time.Second) // so that put tells the same sample once more
	again.put(7)
	again.is(2)
	again.put(8)
	again.is(1)
	l = l.next().next() // of which one has read nothing
	l.put(17)
	l.is(10)

	l = live(t, "seconds_since(x)", 1e18)
	l.put(5)
	l.is(0)
	l = l.next()
	l.is(60)
	l.put(6)
	l.is(0)

	l = live(t, "seconds_since(previous(x))", 1e18)
	l.put(5)
	l.is(math.NaN())
	l = l.next()
	l.put(6)
	l.is(61)
}

// TestMemoryCut gives a formula what is cut off or longer: it begins anew, and says so.
func TestMemoryCut(t *testing.T) {
	l := live(t, "x - previous(x) + seconds_since(x)", 1e18)
	l.put(5)
	l.is(math.NaN())
	whole := l.f.AppendMemory(nil, &l.past)
	for n := range len(whole) + 2 {
		if n == len(whole) {
			continue
		}
		text := append(append([]byte{}, whole[:min(n, len(whole))]...), make([]byte, max(0, n-len(whole)))...)
		fresh := live(t, l.f.text, l.now)
		if err := fresh.f.ParseMemory(text, fresh.in, &fresh.past); !errors.Is(err, ErrState) {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
		fresh.put(9)
		fresh.is(math.NaN())
	}
}
