package sinktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Run tests the sinks of the peers that start starts, one for each test, with all that the contract of sinks.Sink says.
func Run(t *testing.T, start func() (*Peer, error)) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			err := c.run(start, 30*time.Second)
			if errors.Is(err, errCannot) {
				t.Log(err)
				return
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// errCannot is what a peer has no way to do.
var errCannot = errors.New("this peer cannot")

// check is one sentence of the contract.
type check struct {
	name string
	do   func(t *trial) error
}

// run does c with a peer of its own, and looks at what the sink leaves behind.
func (c *check) run(start func() (*Peer, error), patience time.Duration) error {
	peer, err := start()
	if err != nil {
		return fmt.Errorf("start the peer: %w", err)
	}
	defer peer.Close()
	defer peer.Recover()
	before := goroutines()
	t := &trial{
		peer: peer, patience: patience, sent: map[Sample]bool{}, order: map[Sample]int{}, present: map[string]item{},
		lengths: map[string]int{}, unfit: map[Sample]bool{}, returned: make(chan struct{}),
	}
	close(t.returned)
	if t.sink, err = peer.Open(); err != nil {
		return fmt.Errorf("open the sink: %w", err)
	}
	err = c.do(t)
	if over := t.over(); over != nil {
		return errors.Join(err, over) // what is called beside a call that goes on shows nothing
	}
	if err := errors.Join(err, t.close()); err != nil {
		return err
	}
	peer.Recover() // what was given up may end now
	return errors.Join(t.close(), t.gone(before))
}

// over wants the last call to have returned, once its peer is well again if need be.
func (t *trial) over() error {
	select {
	case <-t.returned:
		return nil
	default:
	}
	t.peer.Recover()
	_, err := await(t, t.returned, "a call has not returned, even after its peer was well again,")
	return err
}

// close wants Close to return. Its error may tell of what could not be finished.
func (t *trial) close() error {
	_, err := t.await(t.startClose(), "Close")
	return err
}

func (t *trial) startClose() <-chan result {
	return t.call(func() result { return result{err: t.sink.Close()} })
}

// gone wants no goroutine that was not there before the sink was opened.
func (t *trial) gone(before map[string]string) error {
	ctx, cancel := context.WithTimeout(context.Background(), t.patience)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		left := newSince(before)
		if len(left) == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d goroutines are left after Close:\n%s", len(left), strings.Join(left, "\n\n"))
		}
	}
}
