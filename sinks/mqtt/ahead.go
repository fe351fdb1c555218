package mqtt

import "tagbridge/sinks/message"

// ahead is what the broker said of messages after one that it refused, or that it did not answer before the connection
// was lost: the forwarder comes again with their samples, and they need not be sent twice. The zero value is ready.
type ahead []said

// said is a verdict: nil, or a *refusal.
type said struct {
	of      message.ID
	verdict error
}

// note keeps the verdict on m.
func (a *ahead) note(m *outgoing, verdict error) {
	if !m.Whole {
		return // of a run that has others as well: all of it is sent again
	}
	*a = append(*a, said{m.ID, verdict})
	if len(*a) > 2*maxInFlight {
		*a = (*a)[1:]
	}
}

// settle fills in m's verdict when it is known, and forgets it.
func (a *ahead) settle(m *outgoing) {
	if !m.Whole {
		return
	}
	for i, known := range *a {
		if known.of == m.ID {
			m.settled, m.verdict = true, known.verdict
			*a = append((*a)[:i], (*a)[i+1:]...)
			return
		}
	}
}
