package sinks

import "time"

// Dealt counts samples of the log that a sink is done with. The present values of tags, and what is sent again of the
// rejected, are not of the log and not counted.
type Dealt struct {
	Delivered uint64
	Rejected  uint64
	// Of the rejected, those that are in no file: they made room for others, or could not be written.
	Rotated, Unwritable uint64
}

// Add adds what more the sink is done with.
func (d *Dealt) Add(more Dealt) {
	d.Delivered += more.Delivered
	d.Rejected += more.Rejected
	d.Rotated += more.Rotated
	d.Unwritable += more.Unwritable
}

// since is d less what was counted by then.
func (d Dealt) since(before Dealt) Dealt {
	return Dealt{
		Delivered:  d.Delivered - before.Delivered,
		Rejected:   d.Rejected - before.Rejected,
		Rotated:    d.Rotated - before.Rotated,
		Unwritable: d.Unwritable - before.Unwritable,
	}
}

// dealt is what the forwarder and those before it in this process have counted.
func (f *Forwarder) dealt() Dealt {
	d := Dealt{Delivered: f.stats.delivered.Load(), Rejected: f.stats.rejected.Load()}
	if r := f.o.Reject; r != nil {
		d.Rotated, d.Unwritable = r.rotated.Load(), r.unwritable.Load()
	}
	return d
}

// LossSum is all that was lost for one reason, as far as it is known to be: what a sink has been given waits until it is clear
// that it has not delivered it. Samples and Last only grow. First only goes back: it does when samples that waited are lost
// after newer ones.
type LossSum struct {
	Samples     uint64
	First, Last time.Time // when the oldest and the newest of it were read; zero when nobody can know
}

// Ever is what a sink has got and not got since it was first there, over all restarts, as of its last Ack. With Samples
// that it may still get, that is every sample of the log since then, for a sink that takes all of them.
type Ever struct {
	Since time.Time
	Start Pos // where it was in the log then
	Dealt
	Lost map[string]LossSum // by reason
}
