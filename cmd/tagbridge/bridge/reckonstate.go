package bridge

import "tagbridge/sinks"

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
