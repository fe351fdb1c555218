package opcua

import "tagbridge/drivers"

// visit is one plan in the session that the link has: it finds the plan's nodes, and what else only the server knows.
type visit struct {
	*Link
	p *Plan
	j *drivers.Job // whose plan it is
}

// poller reads the plan of a visit, in rounds.
type poller struct{ visit }

// subscriber has the plan's values pushed, and reads what is not.
type subscriber struct{ poller }

// newSubscriber is that of the job whose work p is.
func newSubscriber(l *Link, p *Plan, j *drivers.Job) subscriber {
	return subscriber{poller{visit{l, p, j}}}
}

// abandon forgets a round that was not finished.
func (v visit) abandon() {
	r := &v.p.round
	for _, f := range r.flying {
		v.s.Forget(f.id)
	}
	delete(v.air, v.p)
	*r = round{flying: r.flying[:0], changed: r.changed}
}
