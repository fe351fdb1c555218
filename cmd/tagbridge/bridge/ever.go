package bridge

import (
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// Ever is what a sink has got and not got since it was first there, over all restarts.
type Ever struct {
	Since     time.Time
	Delivered uint64
	Refused   uint64          // all that was refused
	Rejected  uint64          // of that, what is still kept aside
	Dropped   uint64          // lost, of the refused too
	Reasons   map[string]Lost // of Dropped; every reason is there
}

// Lost is all that was lost for one reason.
type Lost struct {
	Samples     uint64
	First, Last time.Time // when the oldest and the newest of it were read; zero when nobody can know
}

// EverOf is what a journal knows of a sink, as it is told everywhere: by the API, by the status and by journal stat.
func EverOf(e sinks.Ever) Ever {
	all := Ever{
		Since: e.Since.UTC(), Delivered: e.Delivered, Refused: e.Rejected, Rejected: e.Rejected - min(e.Rejected, e.Rotated+e.Unwritable),
		Reasons: map[string]Lost{sinks.DroppedRotated: {Samples: e.Rotated}, sinks.DroppedUnwritable: {Samples: e.Unwritable}},
	}
	for _, name := range journal.ReasonNames {
		all.Reasons[name] = Lost{}
	}
	for name, sum := range e.Lost {
		all.Reasons[name] = Lost(sum)
	}
	for name, sum := range all.Reasons {
		sum.First, sum.Last = sum.First.UTC(), sum.Last.UTC()
		all.Reasons[name] = sum
		all.Dropped += sum.Samples
	}
	return all
}
