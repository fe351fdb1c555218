package bridge

import (
	"fmt"
	"time"

	"tagbridge/drivers"
)

// sendLimit is how long a sink may take for one delivery before it counts as stuck: sinks give up by themselves long
// before.
const sendLimit = 3 * time.Minute

// status is how the bridge is doing, in one line.
func (b *Bridge) status() string {
	online, all := 0, 0
	for _, d := range b.deviceStates() {
		all++
		if d.State == drivers.Online {
			online++
		}
	}
	behind, silent := uint64(0), 0
	for _, s := range b.sinkStates() {
		behind = max(behind, s.BehindSamples)
		if !s.Connected && s.Error != "" {
			silent++
		}
	}
	text := fmt.Sprintf("%d of %d devices online, %d samples to deliver", online, all, behind)
	if silent > 0 {
		text += fmt.Sprintf(", %d sinks out of reach", silent)
	}
	if b.reloads.failing() {
		text += ", the changed configuration has problems"
	}
	return text
}

// stuck names what makes no progress; "": nothing.
func (b *Bridge) stuck() string {
	s := b.now.Load()
	for _, l := range s.lines {
		if l.lane.Line().Overdue > 0 {
			return "line " + l.name
		}
	}
	for _, o := range s.outlets {
		if o.forwarder.Stats().Sending > sendLimit {
			return "sink " + o.conf.Name
		}
	}
	return ""
}
