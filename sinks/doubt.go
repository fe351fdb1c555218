package sinks

import (
	"context"
	"fmt"

	"tagbridge/mapping"
)

// doubt is about what is at the head of a view: is it those samples, or is it the sink? Others decide that: when one of
// them is taken, it is the samples. The zero value is without a doubt.
type doubt struct {
	failed int  // times running that the connection ended with the head alone under way
	others int  // series tried since
	round  bool // all of them were, once
	vouch  bool // one of them was taken
}

const (
	// suspectAlone is how often the connection must end with one sample alone under way before others are tried.
	suspectAlone = 3
	// suspectEnough is how often when no other is taken either, though the other side had answered each time.
	suspectEnough = 8
	// refusedOthers is how many others a sink that has taken nothing yet is asked to take between two pauses.
	refusedOthers = 8
)

// suspect deals with the end of a connection while the samples d.at to end were under way. The piece is made smaller.
// One sample alone that does it again and again, while another is taken, is rejected; while none is, the sink is out of
// order.
func (d *delivery) suspect(ctx context.Context, end int, fault *Fault) error {
	size := end - d.at
	if size == 1 {
		if d.doubt.failed++; d.doubt.vouch || d.doubt.round && fault.Answered && d.doubt.failed >= suspectEnough {
			d.answered(fault)
			d.rejectHead(1, fmt.Sprintf("sent alone, it ended the connection %d times: %v", d.doubt.failed, fault.Err))
			d.pieces.lift() // it was not the size
			return nil
		}
	}
	d.failed(fault)
	d.pieces.suspect(size, fault.Suspect)
	if err := d.pause(ctx, d.pauses.next(fault.After)); err != nil || d.doubt.failed < suspectAlone {
		return err
	}
	k := d.other(1)
	if k < 0 {
		d.doubt.round, d.doubt.others = true, 0
		return nil
	}
	_, err := d.tryOther(ctx, k)
	return err
}

// refusesAll finds out whether a sink that has taken nothing yet refuses the next n samples, or whatever it is given. It
// returns false after a pause when it is not known to take anything; an error is ctx's.
func (d *delivery) refusesAll(ctx context.Context, n int, fault *Fault) (bool, error) {
	for range refusedOthers {
		k := d.other(n)
		if k < 0 {
			d.doubt.others = 0
			break
		}
		if answered, err := d.tryOther(ctx, k); err != nil || !answered {
			return false, err
		}
		if d.proven {
			break
		}
	}
	if d.proven {
		return true, nil
	}
	d.failed(&Fault{Action: Hold, Err: fmt.Errorf("it refuses everything, and has taken nothing yet: the samples are kept until it is mended: %w", fault.Err)})
	return false, d.pause(ctx, d.pauses.next(fault.After))
}

// tryOther sends sample k alone, before those at the head: should the sink take it, they are not going to come after it.
// answered is false when the sink was out of order, after a pause; an error is ctx's.
func (d *delivery) tryOther(ctx context.Context, k int) (answered bool, err error) {
	before := d.taken.Load()
	sent, err := d.send(ctx, k, k+1, nil)
	if sent == 1 {
		d.doubt.vouch = d.doubt.vouch || d.taken.Load() > before
		d.v.drop(k)
		d.pieces.reset()
		return true, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil {
		err = errIdle
	}
	fault := faultOf(err)
	refused := fault.Action == Refuse || fault.Action == Shrink
	if refused || fault.Suspect > 0 {
		d.doubt.others++
	}
	if refused {
		return true, nil
	}
	d.failed(fault)
	return false, d.pause(ctx, d.pauses.next(fault.After))
}

// other is the place of the next sample to try in place of the n at the head; -1 when all series were tried. It is the
// first of its series after them: what is taken of a series stays in order.
func (d *delivery) other(n int) int {
	type series struct {
		group *mapping.Group
		index uint16
	}
	seen := make(map[series]bool)
	place := 0
	for i := range d.v.Batches {
		b := &d.v.Batches[i]
		for j := range b.Samples {
			if place++; place <= d.at+n {
				continue
			}
			s := series{b.Group, b.Samples[j].Index}
			if seen[s] {
				continue
			}
			if len(seen) == d.doubt.others {
				return place - 1
			}
			seen[s] = true
		}
	}
	return -1
}
