package sinktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// trial is one sink with its peer.
type trial struct {
	peer     *Peer
	sink     sinks.Sink
	patience time.Duration // bounds what must happen; it runs out only when something is wrong

	sent    map[Sample]bool // whatever was handed to the sink
	order   map[Sample]int  // where it is in its series
	lengths map[string]int  // of each series
	unfit   map[Sample]bool // what the sink cannot write, as it says
	failed  int             // calls that dealt with less than they were given
	present map[string]item // the last one of each series that was handed to the sink
	asks    int             // for the present values

	returned chan struct{} // closed once the last call of the sink has returned
}

// call calls the sink.
func (t *trial) call(do func() result) <-chan result {
	done, returned := make(chan result, 1), make(chan struct{})
	t.returned = returned
	go func() {
		defer close(returned)
		done <- do()
	}()
	return done
}

// result is what a call of Send returned.
type result struct {
	n   int
	err error
}

// start calls Send with items. The view is the sink's until then, and is spoiled once it has returned.
func (t *trial) start(ctx context.Context, items []item) <-chan result {
	t.expect(items)
	v := viewOf(items)
	return t.call(func() result {
		n, err := t.sink.Send(ctx, v)
		spoil(v)
		return result{n, err}
	})
}

// expect notes that items are on their way.
func (t *trial) expect(items []item) {
	for i := range items {
		s := items[i].sample()
		if t.sent[s] {
			continue
		}
		t.present[s.Device+"/"+s.Tag] = items[i]
		t.sent[s] = true
		name := s.Device + "/" + s.Tag
		t.order[s] = t.lengths[name]
		t.lengths[name]++
	}
}

// spoil overwrites what was lent with what was never sent.
func spoil(v *sinks.View) {
	for i := range v.Batches {
		b := &v.Batches[i]
		for k := range b.Samples {
			s := &b.Samples[k]
			s.Time, s.Kind, s.Bits = s.Time+1, mapping.Int, 0xBAD
		}
		for k := range b.Blob {
			b.Blob[k] = '?'
		}
	}
	v.Reset()
}

// await is what comes from ch; an error when nothing does.
func await[T any](t *trial, ch <-chan T, what string) (T, error) {
	timer := time.NewTimer(t.patience)
	defer timer.Stop()
	select {
	case v := <-ch:
		return v, nil
	case <-timer.C:
		var none T
		return none, fmt.Errorf("%s within %v", what, t.patience)
	}
}

// await is what the call that done is of returned, when it does.
func (t *trial) await(done <-chan result, call string) (result, error) {
	return await(t, done, call+" has not returned")
}

// send delivers items as far as one call does, and checks what the sink says about that.
func (t *trial) send(items []item) (n int, fault *sinks.Fault, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), t.patience)
	defer cancel()
	r, err := t.await(t.start(ctx, items), "Send")
	if err != nil {
		return 0, nil, err
	}
	if r.n < len(items) && asksIntroduction(r.err) {
		return t.introduced(ctx, r, items)
	}
	rest, err := t.judge(r, items)
	if err != nil || rest == nil {
		return r.n, nil, err
	}
	if errors.As(rest, &fault) {
		return r.n, fault, nil
	}
	return r.n, &sinks.Fault{Err: rest}, nil
}

// judge checks what Send said of items; rest is the error about those at n and after it.
func (t *trial) judge(r result, items []item) (rest, err error) {
	if r.n < 0 || r.n > len(items) {
		return nil, fmt.Errorf("send returned %d of %d samples", r.n, len(items))
	}
	rest = r.err
	left := map[int]bool{}
	var unfit *sinks.Unfit
	if errors.As(r.err, &unfit) {
		if !slices.IsSorted(unfit.Places) || len(unfit.Places) == 0 || unfit.Places[0] < 0 || unfit.Places[len(unfit.Places)-1] >= r.n {
			return nil, fmt.Errorf("send = %d with unfit samples at %v", r.n, unfit.Places)
		}
		for _, i := range unfit.Places {
			left[i], t.unfit[items[i].sample()] = true, true
		}
		rest = unfit.Then
	}
	switch {
	case r.n < len(items) && rest == nil:
		return nil, fmt.Errorf("send = %d of %d without an error", r.n, len(items))
	case r.n == len(items) && rest != nil:
		return nil, fmt.Errorf("send = all of %d with the error %w", r.n, rest)
	case r.n < len(items):
		t.failed++
	}
	taken, err := t.peer.Taken()
	if err != nil {
		return nil, err
	}
	arrived := make(map[Sample]bool, len(taken))
	for _, s := range taken {
		arrived[s] = true
	}
	for i := range items[:r.n] {
		if s := items[i].sample(); !arrived[s] && !left[i] && s.Value != "" {
			return nil, fmt.Errorf("send counts %d of %d samples, and sample %d, %v, was not taken", r.n, len(items), i, s)
		}
	}
	return rest, nil
}

// deliver brings all of items to the peer, as a forwarder does: what comes after those dealt with is sent again, what is
// refused is left out. It returns these.
func (t *trial) deliver(items []item, piece int) (refused []Sample, err error) {
	size := piece
	for at, tries := 0, 0; at < len(items); tries++ {
		if tries > 100+10*len(items) {
			return nil, fmt.Errorf("stuck at sample %d of %d", at, len(items))
		}
		part := items[at:min(at+size, len(items))]
		n, fault, err := t.send(part)
		if err != nil {
			return nil, err
		}
		at += n
		rest := len(part) - n
		switch {
		case rest == 0:
			size = piece
		case fault.Action == sinks.Refuse && (fault.Refused > 0 || rest == 1):
			k := max(fault.Refused, 1)
			if k > rest {
				return nil, fmt.Errorf("%d samples refused of the %d that are left: %w", k, rest, fault)
			}
			for i := range k {
				refused = append(refused, items[at+i].sample())
			}
			at, size = at+k, piece
		case fault.Action == sinks.Refuse, fault.Action == sinks.Shrink && rest > 1:
			size = rest / 2
		case fault.Action == sinks.Shrink:
			return nil, fmt.Errorf("a single sample is too large: %w", fault)
		default:
			wait(fault.After)
		}
	}
	return refused, nil
}

// wait is the pause that a sink asks for.
func wait(d time.Duration) {
	if d > 0 {
		<-time.After(min(d, time.Second))
	}
}

// outcome is what is to have arrived in the end.
type outcome struct {
	all     bool // of what was sent, but for what was refused
	refused []Sample
	once    bool // each once, as nothing failed
	mixed   bool // in any order: a peer that refuses a part of a request may take another part of it
}

// settled checks all that has arrived: that it is o, nothing else than was sent, and of each series no sample for the first
// time after a newer one.
func (t *trial) settled(o outcome) error {
	taken, err := t.peer.Taken()
	if err != nil {
		return err
	}
	times := make(map[Sample]int, len(taken))
	next := map[string]int{}
	for _, s := range taken {
		if !t.sent[s] {
			return fmt.Errorf("%v arrived, which was never sent", s)
		}
		if times[s]++; times[s] > 1 {
			if o.once {
				return fmt.Errorf("%v arrived twice, though nothing failed", s)
			}
			continue
		}
		name := s.Device + "/" + s.Tag
		if t.order[s] < next[name] && !o.mixed {
			return fmt.Errorf("%v arrived after a newer sample of its series", s)
		}
		next[name] = t.order[s]
	}
	if !o.all {
		return nil
	}
	for s := range t.sent {
		if times[s] == 0 && s.Value != "" && !t.unfit[s] && !slices.Contains(o.refused, s) {
			return fmt.Errorf("%v has not arrived", s)
		}
	}
	return nil
}
