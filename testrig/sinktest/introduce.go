package sinktest

import (
	"context"
	"errors"
	"fmt"

	"tagbridge/sinks"
)

// maxAsks is how often a sink may ask to be introduced in one delivery of items: once a connection, and once for what is new.
const maxAsks = 5

// asksIntroduction reports that err asks for the present values.
func asksIntroduction(err error) bool {
	var fault *sinks.Fault
	return errors.As(err, &fault) && fault.Action == sinks.Introduce
}

// introduced goes on after r, in which the sink asked for the present values: it gets them, and then the rest of items.
func (t *trial) introduced(ctx context.Context, r result, items []item) (n int, fault *sinks.Fault, err error) {
	if _, err := t.judge(r, items); err != nil {
		return r.n, nil, err
	}
	t.failed-- // asking is no failure
	v := sinks.Introduction()
	for _, i := range t.present {
		b, _ := i.batch()
		v.Append(b, nil)
	}
	size := v.Len()
	if t.asks++; t.asks > maxAsks*(len(t.sent)+1) {
		return r.n, nil, errors.New("the sink asks again and again for the present values")
	}
	got, err := t.await(t.call(func() result {
		n, err := t.sink.Send(ctx, &v)
		spoil(&v)
		return result{n, err}
	}), "Send of the present values")
	switch {
	case err != nil:
		return r.n, nil, err
	case got.n == size && got.err == nil:
		n, fault, err = t.send(items[r.n:])
		return r.n + n, fault, err
	case got.err == nil:
		return r.n, nil, fmt.Errorf("send of the present values = %d of %d without an error", got.n, size)
	}
	t.failed++
	if errors.As(got.err, &fault) {
		return r.n, fault, nil
	}
	return r.n, &sinks.Fault{Err: got.err}, nil
}
