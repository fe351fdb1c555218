package bridge

import (
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// SinkState is a sink: what its forwarder did in this process, how far behind the journal sees it, and what it has got and
// not got since it was first there. There Delivered, Rejected, Dropped and BehindSamples add up to what was read for it
// since then.
type SinkState struct {
	Sink, Type  string
	Ever        Ever
	sinks.Stats // but for Rejected, Dropped and Behind, which have the journal's figures below

	Rejected      uint64 // refused, and still kept aside
	Refused       uint64 // all that was refused: it only grows
	Dropped       uint64
	Reasons       map[string]uint64 // of Dropped; every reason is there
	BehindSamples uint64
	BehindBytes   int64
	BehindSeconds float64
	// DrainSeconds is how long it needs for that at its present pace; nil while it does not come nearer.
	DrainSeconds *float64
	// Kept is how many samples are kept aside now: those rejected, but for what was sent again and taken.
	Kept uint64
	// Resending: what is kept aside is being sent again, or will be when the sink can be reached.
	Resending bool
}

// Sinks are all sinks, in the order of the configuration.
func (b *Bridge) Sinks() []SinkState {
	now := b.now.Load()
	outlets := now.outlets
	list := make([]SinkState, 0, len(outlets))
	journals := b.journal.Stat()
	for _, o := range outlets {
		s := newSinkState(o.conf.Name, o.conf.Type, o.forwarder.Stats())
		for i := range journals {
			if j := &journals[i]; j.Sink == o.conf.Name {
				s.wait(j)
				s.DrainSeconds = o.drainTime(s.Connected, j.Samples, j.Age)
			}
		}
		folder := rejectedDir(now.cfg.Bridge.DataDir, s.Sink)
		s.Kept, s.Resending = uint64(o.kept.Count(folder)), sinks.ResendAsked(folder)
		list = append(list, s)
	}
	return list
}

// newSinkState is what a forwarder did.
func newSinkState(name, kind string, f sinks.Stats) SinkState {
	s := SinkState{Sink: name, Type: kind, Stats: f, Rejected: f.Rejected, BehindSamples: f.Behind, Reasons: knownReasons()}
	s.loseRejected(f.Dropped)
	return s
}

// wait takes over how far behind the journal sees the sink, and what it could not keep for it.
func (s *SinkState) wait(j *sinks.Backlog) {
	s.BehindSamples, s.BehindBytes, s.BehindSeconds = j.Samples, j.Bytes, j.Age.Seconds()
	s.Ever = EverOf(j.Ever)
	for reason, n := range j.Dropped {
		s.Reasons[reason] += n
		s.Dropped += n
	}
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
