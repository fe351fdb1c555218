package sinks

import (
	"context"
	"time"
)

// A Sink delivers samples to one place. It is called by its forwarder's goroutine only, one call at a time: Close never
// runs beside Send. It neither retries nor keeps what it was given: once Send has returned, nothing of the view's memory is
// looked at, whoever may still be writing; groups and their series are immutable and may be kept. A view may hold any number
// of samples, none among them, of any number of groups and of any values. The suite testrig/sinktest tests every sentence of
// this.
type Sink interface {
	// Send delivers v in order: of one series, no sample goes out for the first time after a newer one.
	//
	// n says how many samples from the start are dealt with: the other side has acknowledged them, or an *Unfit names them,
	// and says that they were left out. What might not have been taken is not counted; what is not counted comes again,
	// though it may have been taken. The same holds for what View.Done is told. n < v.Len() comes with an error, best a
	// *Fault that says what to do about the sample at n and those after it, n == v.Len() with none but an *Unfit. Nothing
	// in v is no error.
	//
	// After an error the sink is as good as new: the next call begins with the sample at n, or after those that were
	// refused, and connects again if need be. When ctx ends, Send returns soon, wherever it waits, with ctx's error, or
	// without one when all was dealt with by then; the sink is only closed after that.
	Send(ctx context.Context, v *View) (n int, err error)
	// Close ends the connection and every goroutine of the sink, soon, even when the other side says nothing. What cannot
	// be ended, such as a write that hangs, is left to itself and is an error. Close may be called before any Send, and
	// again.
	Close() error
}

// Action is what a forwarder does about what was not acknowledged.
type Action uint8

// The actions. An error that is no *Fault is a Retry.
const (
	Retry  Action = iota // the same again after a pause: the sink is out of order or out of reach
	Hold                 // as Retry, and somebody has to mend something: refused login, missing bucket
	Shrink               // the same in smaller pieces
	Refuse               // something in the view will never be taken: find it by halving, set it aside, deliver the rest
	// Introduce asks for the present value of every tag, then the same again: the sink has connected, and the other side
	// is to be told of everything there is first. They come in one View, whole or not at all: see View.Introduces. Every
	// connection is to ask once. A sink that does not take all of them gets all anew, as they are then, after a pause,
	// whatever it said: what it has no way to write it names as Unfit.
	Introduce
)

// Fault is why a Sink did not take samples, and what is to be done.
type Fault struct {
	Action Action
	After  time.Duration // not before so long (Retry-After); 0: as the forwarder sees fit
	// Refused, for Refuse, is how many samples are known to be refused, from n of Send on; 0: something after n is.
	Refused int
	// Sure, for Refuse, says that the answer is about these samples beyond doubt. Else they are kept while everything is
	// refused and the sink has taken nothing yet: then it is the sink that is not right. For Introduce, it says that the other
	// side has asked for it: it needs no pause, also when nothing was taken since the last time.
	Sure bool
	// Partial, for Introduce, says that only what the other side does not know yet is of use, as on a connection that goes on:
	// it settles nothing that the sink is owed.
	Partial bool
	// Suspect, for Retry, is how many samples from n of Send on were under way when the connection ended or fell silent:
	// it may be their size, or one of them, that did it. 0: nothing was under way, or it is known to be something else.
	Suspect int
	// Answered says, with Suspect, that the other side had answered something else on the same connection.
	Answered bool
	Err      error
}

func (f *Fault) Error() string { return f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// Unfit is the error for samples that a sink has no way to write, whatever the other side would say to them: they cost
// no search, and say nothing about the samples of the same series that follow. The forwarder rejects them.
type Unfit struct {
	Places []int // in the view, ascending; all below n of Send, whose other samples are acknowledged
	Err    error // why
	Then   error // what there is to say about n and those behind it; nil: all were dealt with
}

func (u *Unfit) Error() string { return u.Err.Error() }

func (u *Unfit) Unwrap() error { return u.Then }
