package sinks

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLogOfASinkThatRefusesEverything has many tags be set aside, and later taken again: some are named, the others
// counted.
func TestLogOfASinkThatRefusesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tags = 100
		r := newRig(t)
		refuses := true
		r.sink.answer = func(v *View) (int, error) {
			if refuses {
				return 0, &Fault{Action: Refuse, Sure: true, Err: errors.New("no")}
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{})
		poll := func() {
			r.log.append(intBatch(testGroup("a", tags), 0, tags))
			r.wait(2 * time.Second)
		}
		for range 2 * strikesOut {
			poll()
		}
		r.wait(2 * time.Minute)
		poll()
		if r.logged("tag set aside") != burstMost || !strings.Contains(r.output.String(), "more tags set aside: refused again and again\" sink=test tags=90") {
			t.Errorf("log:\n%s", r.output.String())
		}
		r.change(func() { refuses = false })
		r.wait(retryAside)
		poll()
		poll()
		r.wait(2 * time.Minute)
		poll()
		if r.logged("tag taken by the sink again") > burstMost {
			t.Errorf("log:\n%s", r.output.String())
		}
		r.stop()
	})
}
