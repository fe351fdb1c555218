package window

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"time"
)

// FuzzWindow makes samples and the clock's ends of windows of bytes, and holds what comes out against the reference. A clock
// that is set back, after ten late samples in order, is nothing that the reference knows.
func FuzzWindow(f *testing.F) {
	f.Add([]byte{0, 10, 1, 0, 5, 20, 2, 0, 1, 100, 0, 2, 7, 30, 3, 0})
	f.Add([]byte{0, 255, 1, 0, 9, 200, 1, 0, 3, 10, 1, 0, 4, 0, 9, 1, 0, 90, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		length := 100 * time.Nanosecond
		ref := reference{length: int64(length)}
		windows, got := make([]Window, len(names)), make([][]Result, len(names))
		for i := range windows {
			windows[i] = Window{Function: Function(i), Span: Span{Length: length}}
		}
		at, late := int64(0), 0
		for ; len(b) >= 4 && len(ref.events) < 100; b = b[4:] {
			d := int64(b[1])
			switch b[0] % 8 {
			case 0: // a gap
				at += d * 3
			case 1: // the clock
				ref.close(at + d)
				for i := range windows {
					got[i] = windows[i].Close(got[i], at+d)
				}
				continue
			case 2: // late
				if late++; late == maxLate-1 {
					return
				}
				d = -d
			default:
				late = 0
				at += d % 40
				d = 0
			}
			s := Sample{Time: at + min(d, 0), Value: float64(int8(b[2])) / 4, Severity: Severity(b[3] % 3)}
			ref.put(s)
			for i := range windows {
				got[i] = windows[i].Put(got[i], s)
			}
		}
		if len(ref.events) == 0 {
			return
		}
		for i := range windows {
			got[i] = windows[i].Close(got[i], at+250)
		}
		if windows[0].State.Behind == 0 {
			holdAgainst(t, &ref, got, 0)
		}
	})
}

// FuzzCounter has a counter of any readings: its total stays a number, goes back only for a glitch, and is what was counted
// when nothing went back.
func FuzzCounter(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 255, 255, 0, 3, 0, 4}, true)
	f.Add([]byte{0, 100, 0, 99, 0, 0, 0, 101}, false)
	f.Fuzz(func(t *testing.T, b []byte, rolls bool) {
		limits := Limits{Least: 1}
		if rolls {
			limits.Range = 65536
		}
		var c Counter
		first, rising, last := 0.0, true, 0.0
		for i := 0; i+2 <= len(b); i += 2 {
			v := float64(binary.BigEndian.Uint16(b[i:]))
			if i == 0 {
				first = v
			}
			rising = rising && v >= last
			last = v
			before := c.Total.Value()
			step := c.Put(v, limits)
			if total := c.Total.Value(); math.IsNaN(total) || total < before && step != Glitch && step != Waiting {
				t.Fatalf("reading %d, %v, is %v and takes the total from %v to %v", i/2, v, step, before, total)
			}
			if rising && c.Total.Value() != v-first {
				t.Fatalf("from %v to %v is %v", first, v, c.Total.Value())
			}
		}
		if most := float64(len(b)/2+1) * 65536; c.Total.Value() > most || c.Total.Value() < -most {
			t.Errorf("the total of %d readings is %v", len(b)/2, c.Total.Value())
		}
	})
}

// FuzzState reads states of any bytes: one that is taken is given back as it was taken, and goes on to results.
func FuzzState(f *testing.F) {
	w := Window{Function: StdDev, Span: Span{Length: time.Second}}
	var c Counter
	var g Integral
	f.Add(w.AppendState(nil))
	for i := range int64(5) {
		w.Put(nil, Sample{Time: i * second / 3, Value: float64(i)})
		c.Put(float64(i%3), Limits{})
		g.Put(Sample{Time: i * second, Value: 1, Severity: Severity(i % 3)}, false, 0)
		f.Add(w.AppendState(nil))
		f.Add(c.AppendState(nil))
		f.Add(g.AppendState(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w := Window{Function: TimeAverage, Span: Span{Length: time.Second}}
		if w.ParseState(b) == nil {
			var again Window
			if err := again.ParseState(w.AppendState(nil)); err != nil || !bytes.Equal(again.AppendState(nil), w.AppendState(nil)) {
				t.Errorf("%+v is given back as %+v, %v", w.State, again.State, err)
			}
			end := w.State.End
			got := w.Put(nil, Sample{Time: w.State.At + second, Value: 1})
			if got = w.Close(got, end+2*second); len(got) > 2*maxClosed {
				t.Errorf("%d results", len(got))
			}
			for _, r := range got {
				if r.Value-r.Value != 0 || r.BadShare < 0 || r.BadShare > 1 || r.End <= r.Start {
					t.Errorf("%+v", r)
				}
			}
		}
		var c Counter
		if c.ParseState(b) == nil {
			c.Put(5, Limits{Range: 65536})
		}
		var g Integral
		if g.ParseState(b) == nil {
			g.Put(Sample{Time: g.At + second, Value: 1}, true, 0)
		}
	})
}
