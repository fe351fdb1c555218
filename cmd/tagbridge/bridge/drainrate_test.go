package bridge

import (
	"testing"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/sinks"
)

func TestDrainTime(t *testing.T) {
	o := &outlet{conf: &config.Sink{Flush: time.Second}}
	if s := o.drainTime(true, 500, 3*time.Second); s == nil || *s != 0 {
		t.Errorf("a sink that keeps up needs %v", s)
	}
	if s := o.drainTime(false, 500, time.Second); s != nil {
		t.Errorf("a sink that does not answer needs %v s", *s)
	}
	if s := o.drainTime(true, 5000, time.Hour); s != nil {
		t.Errorf("a sink that nothing is known of needs %v s", *s)
	}
	at := time.Unix(0, 0)
	step := func(n int, sink, incoming sinks.Pos) {
		for range n {
			last := o.pace.looks[(o.pace.n+len(o.pace.looks)-1)%len(o.pace.looks)]
			at = at.Add(time.Second)
			o.pace.see(look{at, last.sink + sink, last.incoming + incoming})
		}
	}
	step(20, 0, 1000)
	if s := o.drainTime(true, 20000, 20*time.Second); s != nil {
		t.Errorf("a sink that is down needs %v s", *s)
	}
	step(11, 3000, 1000)
	if s := o.drainTime(true, 8000, 8*time.Second); s == nil || *s != 4 {
		t.Errorf("8,000 behind and 2,000 nearer each second: %v", s)
	}
	step(11, 1000, 1000)
	if s := o.drainTime(true, 8000, 8*time.Second); s != nil {
		t.Errorf("a sink that does not come nearer needs %v s", *s)
	}
}
