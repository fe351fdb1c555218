package bridge

import (
	"fmt"

	"tagbridge/drivers"
)

// status is how the bridge is doing, in one line.
func (b *Bridge) status() string {
	online, all := 0, 0
	for _, d := range b.Devices() {
		if d.State == drivers.Elsewhere {
			continue
		}
		all++
		if d.State == drivers.Online {
			online++
		}
	}
	behind, silent := uint64(0), 0
	for _, s := range b.Sinks() {
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
	if b.diskless != "" {
		text += ", the journal cannot be opened, samples are in memory only"
	}
	if f := b.now.Load().front; f != nil && f.closed != "" {
		text += ", " + f.closed
	}
	return text
}

// stuck names what makes no progress; "": nothing. A sink is never named: what it hangs on, a pipe that nobody reads or a
// disk that is gone, a restart does not mend, while it stops the polls and the other sinks. Its state says so.
func (b *Bridge) stuck() string {
	for _, l := range b.now.Load().connections {
		if l.lane.Line().Overdue > 0 {
			return "line " + l.name
		}
	}
	return ""
}
