package main

import (
	"context"
	"math/rand/v2"
	"time"

	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// trouble makes things fail, by chance but the same for a seed.
type trouble struct {
	plant  *plant
	sinks  []*influxd.Server
	chance *rand.Rand
	made   map[string]int // how often each kind of it
	// Also is done now and then besides: killing the bridge will go here.
	also func()
}

// run makes trouble until ctx ends.
func (t *trouble) run(ctx context.Context) {
	t.made = make(map[string]int)
	for turn := 0; ; turn++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(200+t.chance.IntN(800)) * time.Millisecond):
		}
		switch {
		case turn%9 == 8:
			t.connections(ctx)
		case turn%3 == 2:
			t.sink(turn / 3)
		default:
			t.unit()
		}
		if t.also != nil {
			t.also()
		}
	}
}

// unit lets one unit fail in one way for a while.
func (t *trouble) unit() {
	f := plc.Fault{
		Kind:  plc.FaultKinds[t.chance.IntN(len(plc.FaultKinds))],
		For:   time.Duration(t.chance.IntN(8000)+200) * time.Millisecond,
		OneIn: t.chance.IntN(3),
		Code:  []byte{1, 2, 3, 4, 5, 6, 10, 11}[t.chance.IntN(8)],
		Delay: time.Duration(t.chance.IntN(400)+1) * time.Millisecond,
	}
	if f.Kind == plc.Exception && t.chance.IntN(2) == 0 {
		f.First, f.Count = t.chance.IntN(120), 1+t.chance.IntN(4)
	}
	t.made[string(f.Kind)]++
	t.plant.units[t.chance.IntN(len(t.plant.units))].Inject(f)
}

// connections drops the connections of one server, or has it refuse them for a while.
func (t *trouble) connections(ctx context.Context) {
	s := t.plant.servers[t.chance.IntN(len(t.plant.servers))]
	if t.chance.IntN(2) == 0 {
		t.made["connections dropped"]++
		s.DropConnections()
		return
	}
	t.made["connections refused"]++
	s.Refuse()
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(t.chance.IntN(3000)) * time.Millisecond):
	}
	for s.Accept() != nil { // somebody else may have had the port meanwhile
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// statuses are what a sink answers, in turn.
var statuses = []influxd.Step{
	{Status: 503, RetryAfter: "1"}, {Status: 429, RetryAfter: "1"}, {Status: 500}, {Status: 502}, {Status: 504},
	{Cut: true}, {Cut: true, Store: true}, {Status: 413}, {Status: 400, Message: "partial write: as told dropped=1"},
	{Status: 422}, {Status: 401}, {Status: 403}, {Status: 404}, {Latency: 2 * time.Second}, {Status: 503, Store: true},
	{Status: 503, RetryAfter: "Mon, 01 Jan 2001 00:00:00 GMT"},
}

// sink lets the next writes of one sink fail in the way whose turn it is.
func (t *trouble) sink(turn int) {
	s := t.sinks[turn%len(t.sinks)]
	step := statuses[turn/len(t.sinks)%len(statuses)]
	steps := make([]influxd.Step, 1+t.chance.IntN(3))
	for i := range steps {
		steps[i] = step
	}
	t.made["sink"]++
	s.Script(steps...)
}
