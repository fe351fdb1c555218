package bridge

import (
	"sync"
	"time"

	"tagbridge/sinks"
)

// paceOver is over how many looks, a second apart, a sink's pace is taken.
const paceOver = 10

// pace is how fast a sink gets on against what comes in. The zero value has seen nothing.
type pace struct {
	mu    sync.Mutex
	looks [paceOver + 1]look
	n     int
}

// look is where sink and journal were at a time.
type look struct {
	at       time.Time
	sink     sinks.Pos
	incoming sinks.Pos
}

// see takes note of where they are now.
func (p *pace) see(l look) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looks[p.n%len(p.looks)] = l
	p.n++
}

// drain is how long the sink needs, at this pace, for the samples it is behind; nil when it does not get nearer to the
// end, or that is not known yet.
func (p *pace) drain(behind uint64) *float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n < 2 {
		return nil
	}
	last := p.looks[(p.n-1)%len(p.looks)]
	first := p.looks[(p.n-min(p.n, len(p.looks)))%len(p.looks)]
	gained := float64(last.sink) - float64(first.sink) - (float64(last.incoming) - float64(first.incoming))
	if gained <= 0 {
		return nil
	}
	seconds := float64(behind) / gained * last.at.Sub(first.at).Seconds()
	return &seconds
}

// keepPace looks at every sink once; it is called every second.
func (b *Bridge) keepPace() {
	now := time.Now()
	for _, o := range b.now.Load().outlets {
		o.pace.see(look{now, o.forwarder.Stats().Position, b.journal.End()})
	}
}

// drainTime is how long o needs for what it is behind: 0 when it keeps up, nil when it does not come nearer.
func (o *outlet) drainTime(connected bool, behind uint64, age time.Duration) *float64 {
	if behind == 0 || connected && age <= o.conf.Flush+2*time.Second {
		return new(float64)
	}
	return o.pace.drain(behind)
}
