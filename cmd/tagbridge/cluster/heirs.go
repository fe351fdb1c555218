package cluster

import (
	"sync"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// mostHeirs is up to how many members times endpoints it is reckoned who would read what: that many take some 20 ms.
const mostHeirs = 50_000

// heirs is who would read what, reckoned when it is first asked for.
type heirs struct {
	once      sync.Once
	members   []place.Member
	endpoints []place.Endpoint
	names     []string
}

func newHeirs(members []place.Member, endpoints []place.Endpoint) *heirs {
	return &heirs{members: members, endpoints: endpoints}
}

// Heirs are, in the order of Endpoints, the members that would read each if who reads it died now, or that are to read it where nobody
// does; "": nobody would. nil: there are too many to say. The first call of a State may take some milliseconds.
func (s *State) Heirs() []string {
	h := s.heirs
	if h == nil || len(h.members)*len(h.endpoints) > mostHeirs {
		return nil
	}
	h.once.Do(func() { h.names = place.Heirs(h.members, h.endpoints) })
	return h.names
}
