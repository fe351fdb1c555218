package health

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

// unread is for how long nobody reads an endpoint before that is not well: one that moves has no reader for a moment.
const unread = 10 * time.Second

// cluster is about the members of a cluster, as this one sees it.
func (r *Report) cluster(s *State, now time.Time) {
	if s.Share == nil {
		return
	}
	r.twin(s.Share)
	r.servers(s.Share, now)
	if s.Share.Attached && s.Share.Joined {
		r.members(s.Share, now)
		r.endpoints(s, now)
	}
}

func (r *Report) twin(s *bridge.ShareState) {
	if s.Problem != "" {
		r.part("twin", s.Node, fmt.Sprintf("another member is called %s, too", s.Node))
		r.problem("twin", s.Node, s.Problem, "error", s.Problem)
	}
}

// servers is about those of NATS.
func (r *Report) servers(s *bridge.ShareState, now time.Time) {
	up := 0
	for i := range s.Servers {
		v := &s.Servers[i]
		if v.Up {
			up++
			continue
		}
		text := fmt.Sprintf("NATS server %s is not reached", v.Address)
		if !v.Since.IsZero() {
			text += " for " + HowLong(now.Sub(v.Since))
		}
		r.problem("nats", v.Address, text+": "+v.Error, "error", v.Error)
	}
	all := len(s.Servers)
	switch {
	case !s.Attached && s.Stops:
		r.part("isolated", "", "it is cut off from the cluster and reads nothing", "up", up, "of", all)
		r.problem("isolated-stops", "", fmt.Sprintf("this member reaches %d of %s, and has to reach most: it reads nothing (isolated: stop)",
			up, Plural(all, "NATS server")), "up", up, "of", all)
	case !s.Attached:
		r.part("isolated", "", "it is cut off from the cluster", "up", up, "of", all)
		r.problem("isolated-keeps", "", fmt.Sprintf("this member reaches %d of %s, and has to reach most: it goes on reading what it has, and "+
			"others may read that too (isolated: keep)", up, Plural(all, "NATS server")), "up", up, "of", all)
	case up < all:
		r.part("nats", "", of(all-up, all, "NATS server")+" not reached", "count", all-up, "of", all)
	}
}

func (r *Report) members(s *bridge.ShareState, now time.Time) {
	var gone []string
	for i := range s.Members {
		if m := &s.Members[i]; m.Gone {
			gone = append(gone, m.Node)
			away := now.Sub(m.Heard)
			r.problem("gone", m.Node, fmt.Sprintf("member %s is not heard for %s: others read what it read", m.Node, HowLong(away)), "for_seconds", away.Seconds())
		}
	}
	if n := len(gone); n > 0 {
		r.part("gone", gone[0], are(n, "member")+" gone", "count", n)
	}
}

// endpoints is about what nobody reads, and what two do.
func (r *Report) endpoints(s *State, now time.Time) {
	nobody, twice := 0, 0
	for i := range s.Share.Endpoints {
		e := &s.Share.Endpoints[i]
		name := cmp.Or(s.Endpoints[e.Key], e.Key)
		switch {
		case e.Owner == "" && now.Sub(e.Since) >= unread:
			if nobody++; nobody <= mostOnes {
				r.unread(s.Share, e, name)
			}
		case len(e.Also) > 0:
			if twice++; twice <= mostOnes {
				others := strings.Join(e.Also, " and ")
				r.problem("read-twice", name, fmt.Sprintf("%s and %s read %s at the same time", e.Owner, others, name), "by", e.Owner, "also", others)
			}
		}
	}
	if nobody > 0 {
		r.part("unread", "", of(nobody, len(s.Share.Endpoints), "endpoint")+" read by nobody", "count", nobody, "of", len(s.Share.Endpoints))
	}
	if twice > 0 {
		r.part("read-twice", "", of(twice, len(s.Share.Endpoints), "endpoint")+" read twice", "count", twice, "of", len(s.Share.Endpoints))
	}
}

// unread says why nobody reads e.
func (r *Report) unread(s *bridge.ShareState, e *bridge.ShareEndpoint, name string) {
	there := slices.ContainsFunc(s.Members, func(m bridge.ShareMember) bool { return m.Joined && !m.Silent && slices.Contains(e.Only, m.Node) })
	if len(e.Only) > 0 && !there {
		only := strings.Join(e.Only, ", ")
		r.problem("unread-only", name, fmt.Sprintf("nobody reads %s: only %s may, and is not there", name, only), "only", only)
		return
	}
	r.problem("unread", name, "nobody reads "+name)
}
