package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// alike is what members do not have in common that they should; "": nothing.
type alike struct{ lists, releases string }

// setup is what a member says of how it was set up.
type setup struct {
	node    string
	program string
	listed  uint64   // how many servers it was given; 0: it does not say
	servers []string // those it is connected to, by the names that they have for themselves
}

const (
	alikeEvery = time.Second
	unlikeFor  = 5 // times Takeover: a server that starts again may have another name
)

// judgeAlike says loudly when members were given other servers than this one, and when they are of different releases.
func (r *runner) judgeAlike(now time.Duration) {
	if now < r.alikeAt {
		return
	}
	r.alikeAt = now + alikeEvery
	self := setup{r.o.Node, r.o.Version, uint64(len(r.servers)), r.connectedTo()}
	var others []setup
	for who, i := range r.infos {
		if now-i.heard < r.o.Takeover {
			others = append(others, setup{who.node, i.program, i.listed, i.servers})
		}
	}
	slices.SortFunc(others, func(a, b setup) int { return strings.Compare(a.node, b.node) })
	next := alike{unlikeLists(self, others), unlikeReleases(self, others)}
	if next.lists == "" {
		r.otherLists = now
	} else if now-r.otherLists < unlikeFor*r.o.Takeover {
		next.lists = ""
	}
	r.tellAlike(next)
}

func (r *runner) tellAlike(next alike) {
	was := r.alike
	if next == was {
		return
	}
	r.alike, r.showAt = next, 0
	const kind = "cluster"
	if next.lists != was.lists {
		if next.lists != "" {
			r.o.Log.Error("members have different NATS servers", "problem", next.lists, "event", kind)
		} else {
			r.o.Log.Info("members have the same NATS servers", "event", kind)
		}
	}
	if next.releases != was.releases {
		if next.releases != "" {
			r.o.Log.Warn("members are of different releases", "problem", next.releases, "event", kind)
		} else {
			r.o.Log.Info("members are of one release", "event", kind)
		}
	}
}

// unlikeLists says which of others was given other servers than self, as far as that can be seen.
func unlikeLists(self setup, others []setup) string {
	var names []string
	for _, o := range others {
		switch {
		case o.listed > 0 && o.listed != self.listed:
			names = append(names, fmt.Sprintf("%s names %d, this one %d", o.node, o.listed, self.listed))
		case self.lacks(o):
			names = append(names, fmt.Sprintf("%s is connected to one that this one does not name", o.node))
		case o.lacks(self):
			names = append(names, fmt.Sprintf("this one is connected to one that %s does not name", o.node))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "members name different NATS servers: " + strings.Join(names, "; ") +
		". They may not hear each other, and read one device at a time: nats has to name the same servers in all"
}

// lacks reports that s is connected to all it was given, and o to one that is not among them. Servers that share a name say nothing.
func (s setup) lacks(o setup) bool {
	if s.listed == 0 || uint64(len(s.servers)) != s.listed {
		return false
	}
	unique := slices.Compact(slices.Sorted(slices.Values(s.servers)))
	if len(unique) != len(s.servers) {
		return false
	}
	return slices.ContainsFunc(o.servers, func(name string) bool { return !slices.Contains(unique, name) })
}

// unlikeReleases says who is of what release, when that is not one.
func unlikeReleases(self setup, others []setup) string {
	list, same := []string{self.node + " of " + self.program}, true
	for _, o := range others {
		if o.program == "" {
			continue
		}
		same = same && o.program == self.program
		list = append(list, o.node+" of "+o.program)
	}
	if same || self.program == "" {
		return ""
	}
	return "members are of different releases: " + strings.Join(list, ", ") + ". Two releases that follow each other go together; bring all to one"
}

// Warnings are what is wrong that does not keep this member from taking part.
func (s *State) Warnings() (list []string) {
	for _, text := range []string{s.Lists, s.Releases, s.Stored} {
		if text != "" {
			list = append(list, text)
		}
	}
	if s.Claims != "" {
		list = append(list, "claims are not kept: "+s.Claims)
	}
	return list
}
