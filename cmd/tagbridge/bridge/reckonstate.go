package bridge

import (
	"slices"

	"tagbridge/mapping/reckon"
	"tagbridge/sinks"
)

// ReckonCounts is what was out of the ordinary with the windows and totals of a device, since each of these began.
type ReckonCounts struct {
	Device string
	reckon.Counts
}

// sum adds up the counts of each device.
func (r *reckoning) sum() {
	var list []ReckonCounts
	places, odd := map[string]int{}, map[[2]string]reckon.Counts{}
	r.core.Counts(func(i int, c reckon.Counts) {
		device := r.core.Spec(i).Device
		at, ok := places[device]
		if !ok {
			at = len(list)
			places[device] = at
			list = append(list, ReckonCounts{Device: device})
		}
		list[at].Add(c)
		if c != (reckon.Counts{}) {
			odd[[2]string{device, r.core.Spec(i).Tag}] = c
		}
	})
	r.mu.Lock()
	r.counts, r.odd = list, odd
	r.mu.Unlock()
}

// ReckonCounts are those of each device that has windows or totals, as of a second ago.
func (b *Bridge) ReckonCounts() []ReckonCounts {
	if b.reckoned == nil {
		return nil
	}
	b.reckoned.mu.Lock()
	defer b.reckoned.mu.Unlock()
	return slices.Clone(b.reckoned.counts)
}

// State is how the reckoner is doing. It may be called by several goroutines at once.
func (r *reckoning) State() ReckonState {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state
	if end := r.log.End(); s.Tags > 0 && end > r.counted {
		s.Behind = uint64(end - r.counted)
	}
	return s
}

// reached notes how far the reckoner has come.
func (r *reckoning) reached(p sinks.Pos) {
	r.mu.Lock()
	r.counted = p
	r.mu.Unlock()
}

// Reckoning is how windows, totals and alarms are doing, from Run on.
func (b *Bridge) Reckoning() ReckonState {
	if b.reckoned == nil {
		return ReckonState{}
	}
	return b.reckoned.State()
}

// ReckonedTag is what was out of the ordinary with a window or total, as of a second ago.
func (b *Bridge) ReckonedTag(device, tag string) reckon.Counts {
	if b.reckoned == nil {
		return reckon.Counts{}
	}
	b.reckoned.mu.Lock()
	defer b.reckoned.mu.Unlock()
	return b.reckoned.odd[[2]string{device, tag}]
}
