package mqtt

import "tagbridge/sinks"

// through is how far a view is acknowledged. The forwarder is told before each wait for the broker, and after a window of
// messages at the latest: each time costs a write, and what it does not know comes twice when the process is killed.
type through struct {
	v          *sinks.View // nil: none is being sent
	done, told int         // samples of it
	messages   int         // since it was told
}

// add notes that so many samples are acknowledged, with one message more.
func (t *through) add(done, window int) {
	t.done = done
	if t.messages++; t.messages >= window {
		t.tell()
	}
}

func (t *through) tell() {
	if t.v != nil && t.done > t.told {
		t.v.Done(t.done)
		t.told, t.messages = t.done, 0
	}
}
