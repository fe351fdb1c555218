package cluster

import "testing"

// TestInTime has one that keeps what it has when it is cut off read it at any time, and one that stops only once most servers have
// handed on what it said.
func TestInTime(t *testing.T) {
	for _, stop := range []bool{false, true} {
		c, err := New(Options{Bridge: "line 3", Node: "pc-a", URLs: []string{"nats://127.0.0.1:1"}, Stop: stop})
		if err != nil {
			t.Fatal(err)
		}
		c.runner.turn()
		if c.InTime() == stop {
			t.Errorf("stop %v: in time is %v, though nothing was ever heard", stop, c.InTime())
		}
	}
}

func BenchmarkInTime(b *testing.B) {
	c, err := New(Options{Bridge: "line 3", Node: "pc-a", URLs: []string{"nats://127.0.0.1:1"}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.InTime()
	}
}
