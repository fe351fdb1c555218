package bridge

import (
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// SinkState is a sink: what its forwarder did, and how far behind the journal sees it. Delivered, Rejected, Dropped and
// BehindSamples add up to what was read for the sink.
type SinkState struct {
	Sink, Type    string
	Connected     bool
	Delivered     uint64
	Rejected      uint64 // refused, and still kept aside
	Refused       uint64 // all that was refused: it only grows
	Dropped       uint64
	Reasons       map[string]uint64 // of Dropped; every reason is there
	BehindSamples uint64
	BehindBytes   int64
	BehindSeconds float64
	// DrainSeconds is how long it needs for that at its present pace; nil while it does not come nearer.
	DrainSeconds *float64
	Error        string

	Forwarder sinks.Stats // as the forwarder counts
}

// Sinks are all sinks, in the order of the configuration.
func (b *Bridge) Sinks() []SinkState {
	outlets := b.now.Load().outlets
	list := make([]SinkState, 0, len(outlets))
	journals := b.journal.Stat()
	for _, o := range outlets {
		f := o.forwarder.Stats()
		s := SinkState{
			Sink: o.conf.Name, Type: o.conf.Type, Connected: f.Connected, Delivered: f.Delivered,
			Rejected: f.Rejected, BehindSamples: f.Behind, Error: f.Error, Reasons: knownReasons(), Forwarder: f,
		}
		for i := range journals {
			if j := &journals[i]; j.Sink == o.conf.Name {
				s.BehindSamples, s.BehindBytes, s.BehindSeconds = j.Samples, j.Bytes, j.Age.Seconds()
				s.DrainSeconds = o.drainTime(f.Connected, j.Samples, j.Age)
				s.lose(j.Dropped)
			}
		}
		s.loseRejected(f.Dropped)
		list = append(list, s)
	}
	return list
}

// loseRejected counts what was refused and is not even kept aside: that is lost, and rejected is what is there. The
// metrics count all that was refused, as what they count only grows.
func (s *SinkState) loseRejected(dropped map[string]uint64) {
	s.Refused = s.Rejected
	for _, reason := range rejectReasons {
		n := min(dropped[reason], s.Rejected)
		s.Reasons[reason] = dropped[reason]
		s.Dropped += n
		s.Rejected -= n
	}
}

// rejectReasons are why refused samples were not even kept aside.
var rejectReasons = []string{sinks.DroppedRotated, sinks.DroppedUnwritable}

// knownReasons has every reason for which a sample can be lost, so that its metric is there before the first.
func knownReasons() map[string]uint64 {
	reasons := map[string]uint64{}
	for _, name := range journal.ReasonNames {
		reasons[name] = 0
	}
	return reasons
}

// lose counts what the journal could not keep for the sink.
func (s *SinkState) lose(dropped map[string]uint64) {
	for reason, n := range dropped {
		s.Reasons[reason] += n
		s.Dropped += n
	}
}
