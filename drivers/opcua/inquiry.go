package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// inquiry is a service that is asked about many things, in as few requests as the server takes.
type inquiry struct {
	what string // for people
	most *int   // things of a request, as the server has it
	of   subjects
	// request makes the request about the first of these things, as many of them as fit one, at least one.
	request func(things []int) (q wire.Request, n int)
	// take takes the answer about things. An error means that it cannot be one.
	take func(things []int, r *wire.Reader) error
	// refuse takes that the server does not tell about one thing.
	refuse func(thing int, status wire.Status)
	// until is when the time for it is over: what was not asked about then is refused as BadWaitingForInitialData. Zero:
	// there is time.
	until time.Time
	// ends tells of a status that says something about all things there are; nil: none does.
	ends func(status wire.Status) bool
}

// inquire asks about all things of q, divided as what went wrong before has it. An error means that the session cannot
// go on, or the server is silent: what was asked about then is remembered.
func (l *Link) inquire(ctx context.Context, q *inquiry) error {
	s := l.blame.spread(q.of, *q.most, l.o.Now())
	for _, k := range s.held {
		q.refuse(k, l.blame.find(q.of.service, q.of.name(k)).held)
	}
	refusals := 0
	for queue, first := s.parts, true; len(queue) > 0; first = false {
		part := queue[0]
		queue = queue[1:]
		if !first && !q.until.IsZero() && l.o.Now().After(q.until) {
			for _, k := range part {
				q.refuse(k, wire.Status(mapping.BadWaitingForInitialData))
			}
			continue
		}
		if len(part) > *q.most {
			queue = append([][]int{part[:*q.most], part[*q.most:]}, queue...)
			continue
		}
		req, n := q.request(part)
		if n < len(part) {
			queue = append([][]int{part[n:]}, queue...)
			part = part[:n]
		}
		names := q.part(part)
		err := l.call(ctx, req, func(r *wire.Reader) error { return q.take(part, r) })
		status, refused := refusal(err)
		switch {
		case err == nil:
			l.blame.well(names)
		case refused && q.ends != nil && q.ends(status):
			return status
		case !refused:
			return blamed(fmt.Errorf("%s: %w", q.what, err), l.broke(ctx, names, err))
		case status.Base() == wire.BadServiceUnsupported, refusals >= maxSplits && !status.TooLarge():
			for _, k := range part {
				q.refuse(k, status)
			}
		case len(part) == 1:
			l.giveUp(q.of.service, names.name(0), err, q.most)
			q.refuse(part[0], status)
		default:
			refusals++
			l.blame.halve(names, *q.most)
			if status.TooLarge() {
				*q.most = max(1, len(part)/2)
			}
			half := len(part) / 2
			queue = append(queue, part[:half], part[half:])
		}
	}
	return nil
}

// part are the names of some of the things.
func (q *inquiry) part(things []int) subjects {
	of := q.of
	of.n, of.name = len(things), func(k int) string { return q.of.name(things[k]) }
	return of
}

// giveUp gives up one thing, of which the server says err. That the answer about it is too large says nothing about
// others any more: most is again what it was.
func (l *Link) giveUp(service uint32, name string, err error, most *int) {
	status, _ := refusal(err)
	t := l.blame.refused(service, name, status, l.o.Now())
	t.why = err.Error()
	if status.Base() != wire.BadTooManyOperations {
		*most = max(*most, t.allowed)
	}
}

// broke remembers what was asked about when the connection broke or the server did not answer in time. It reports
// whether that was it.
func (l *Link) broke(ctx context.Context, names subjects, err error) bool {
	if status, ok := errors.AsType[wire.Status](err); ok && status.SessionLost() || ctx.Err() != nil || l.s == nil {
		return false
	}
	requests := []subjects{names}
	if !silence(err) {
		requests = append(requests, l.underWay()...)
	}
	return l.accuse(requests)
}

// call makes one request and has take read the answer. An answer that take cannot read is a Status.
func (l *Link) call(ctx context.Context, q wire.Request, take func(*wire.Reader) error) error {
	r, err := l.s.Call(ctx, q)
	if err != nil {
		return err
	}
	if take(r) != nil || r.Err() != nil {
		return wire.Status(mapping.BadDecodingError)
	}
	return nil
}

// refusal is the status with which a service failed that could be another one for a smaller request.
func refusal(err error) (wire.Status, bool) {
	status, ok := errors.AsType[wire.Status](err)
	if !ok || status.SessionLost() || silence(err) {
		return 0, false
	}
	return status, true
}

// silence reports that a request was not answered in time, as the session found or as the server says.
func silence(err error) bool {
	return errors.Is(err, session.ErrTimeout) || errors.Is(err, wire.Status(mapping.BadTimeout))
}

// underWay is what the requests of all plans that were not answered yet are about.
func (l *Link) underWay() (list []subjects) {
	for p := range l.air {
		list = append(list, p.underWay(l.spaces)...)
	}
	return list
}

// accuse remembers what was under way when something went wrong. One that was under way alone did it: found tells that
// it is divided from now on, or given up.
func (l *Link) accuse(requests []subjects) (found bool) {
	for _, of := range requests {
		if l.blame.broke(of, len(requests) == 1, l.s.Heard(), l.o.Now()) {
			found = true
		}
	}
	return found
}
