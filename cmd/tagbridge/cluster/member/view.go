package member

import (
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// Reader is who reads an endpoint, as far as this member knows.
type Reader struct {
	Key   string
	Epoch uint64
	Held  bool   // by this member
	Node  string // "": by nobody
	Run   uint64
	Also  []string // other members that read it at the same time
}

// Readers is the list of all endpoints, in the order in which they were given.
func (m *Member) Readers(now time.Duration) []Reader {
	list := make([]Reader, len(m.endpoints))
	at := make(map[uint64]int, len(m.endpoints))
	for i, e := range m.endpoints {
		list[i] = Reader{Key: e.Key, Epoch: e.epoch}
		at[e.key] = i
		if e.held {
			list[i].Held, list[i].Node, list[i].Run = true, m.o.Node, m.o.Run
		}
	}
	best := make([]uint64, len(list))
	for who, p := range m.peers {
		if m.silent(p, now) {
			continue
		}
		for key, epoch := range p.holds {
			i, ok := at[key]
			if ok && list[i].Node != "" {
				list[i].also(who.node, epoch > best[i] && !list[i].Held)
			}
			if ok && !list[i].Held && (list[i].Node == "" || epoch > best[i]) {
				list[i].Node, list[i].Run, best[i] = who.node, who.run, epoch
			}
		}
	}
	return list
}

// Changes grows whenever Readers, or what is to be chosen, may have become another one.
func (m *Member) Changes() uint64 { return m.changes }

// also notes that one more reads it; first: that is the one with the highest epoch.
func (r *Reader) also(node string, first bool) {
	if first {
		node = r.Node
	}
	r.Also = append(r.Also, node)
}

// Peer is another member.
type Peer struct {
	Node   string
	Run    uint64
	Joined bool
	Heard  time.Duration // the last time
	Holds  int
}

// Peers are the others that are not forgotten yet, in any order.
func (m *Member) Peers() []Peer {
	list := make([]Peer, 0, len(m.peers))
	for who, p := range m.peers {
		list = append(list, Peer{who.node, who.run, p.beat.Joined, p.heard, len(p.holds)})
	}
	return list
}

// Holding calls f for each endpoint that this member holds; taken is how many times it has begun to.
func (m *Member) Holding(f func(key string, epoch uint64, taken int)) {
	for _, e := range m.endpoints {
		if e.held {
			f(e.Key, e.epoch, e.taken)
		}
	}
}

// Epochs calls f for each endpoint; epoch is 0 where this member does not hold it.
func (m *Member) Epochs(f func(key string, epoch uint64)) {
	for _, e := range m.endpoints {
		if e.held {
			f(e.Key, e.epoch)
		} else {
			f(e.Key, 0)
		}
	}
}

// Joined reports whether it takes part.
func (m *Member) Joined() bool { return m.joined }

// Placing is what a choice is made of at that time: who is there, and the endpoints with who reads each, in the order in which they
// were given. They are the caller's.
func (m *Member) Placing(now time.Duration) ([]place.Member, []place.Endpoint) {
	members, places := m.members, m.places // those that were chosen from
	m.members, m.places = nil, make([]place.Endpoint, 0, len(m.endpoints))
	m.look(now)
	mine, of := m.members, m.places
	m.members, m.places = members, places
	return mine, of
}
