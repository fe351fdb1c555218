// Package place decides which member of a cluster reads which endpoint. It is a function of its arguments alone: members that
// know the same come to the same answer, without asking each other.
package place

import "slices"

// Member is one that can read endpoints.
type Member struct {
	Name   string
	Weight float64 // its share beside others; 0 is 1
}

// Endpoint is what one member reads at a time.
type Endpoint struct {
	Key    string
	Load   float64  // what reading it costs, beside others; 0 is 1
	Only   []string // those members may read it; empty: all
	Prefer string   // that member reads it while it is there; "" is nobody
	Owner  string   // who reads it now; "": nobody
	Unit   string   // endpoints with the same one go to the same member, by the Only and Prefer of any of them; "": it is alone
}

// Nobody may read an endpoint whose Only names no member that is there.
const Nobody = -1

// slack is how much more than its share a member keeps before it gives something away.
const slack = 1.1

// Choose returns for each of endpoints the index of the member that is to read it, or Nobody. Names and keys are unique.
//
// An endpoint stays where it is, unless its member is gone or may not read it, prefers another that is there, or has more
// than 1.1 times its share: then what is above that moves, and no more. What has no place goes where rendezvous hashing (Thaler
// and Ravishankar, 1998) wants it among those that have room, so that the endpoints of one that dies spread over all.
//
// Endpoints of one Unit are placed as one, with the sum of their loads.
func Choose(members []Member, endpoints []Endpoint) []int {
	units, of := unite(endpoints)
	to := choose(members, units)
	if of == nil {
		return to
	}
	all := make([]int, len(endpoints))
	for i, u := range of {
		all[i] = to[u]
	}
	return all
}

// choose is Choose where each endpoint is alone.
func choose(members []Member, endpoints []Endpoint) []int {
	p := newPlan(members, endpoints)
	for _, e := range p.order {
		if p.bound(e) {
			p.placeBound(e)
		}
	}
	p.keep()
	for _, e := range p.order {
		if p.to[e] == Nobody && !p.bound(e) {
			p.take(e, p.best(e))
		}
	}
	return p.to
}

// plan is a choice that is being made.
type plan struct {
	members   []member
	index     map[string]int
	groups    []group
	endpoints []Endpoint
	hashes    []uint64 // of the keys
	order     []int    // endpoints in the order in which they are placed
	to        []int    // by endpoint
	share     float64  // load for a weight of 1
	most      float64  // the largest load of one endpoint
	least     float64  // the smallest
}

type member struct {
	Member
	hash  uint64
	group int
	load  float64
}

func newPlan(members []Member, endpoints []Endpoint) *plan {
	p := &plan{endpoints: endpoints, index: make(map[string]int, len(members)), least: 1}
	weights := 0.0
	for i, m := range members {
		if m.Weight <= 0 {
			m.Weight = 1
		}
		weights += m.Weight
		p.members = append(p.members, member{Member: m, hash: hashOf(m.Name)})
		p.index[m.Name] = i
	}
	p.form()
	p.hashes, p.order, p.to = make([]uint64, len(endpoints)), make([]int, len(endpoints)), make([]int, len(endpoints))
	total := 0.0
	for i := range endpoints {
		p.hashes[i], p.order[i], p.to[i] = hashOf(endpoints[i].Key), i, Nobody
		l := p.loadOf(i)
		total, p.most, p.least = total+l, max(p.most, l), min(p.least, l)
	}
	if weights > 0 {
		p.share = total / weights
	}
	slices.SortFunc(p.order, func(a, b int) int {
		switch {
		case p.hashes[a] != p.hashes[b]:
			return compare(p.hashes[a], p.hashes[b])
		case endpoints[a].Key < endpoints[b].Key:
			return -1
		}
		return 1
	})
	return p
}

func compare(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

func (p *plan) loadOf(e int) float64 { return loadOf(&p.endpoints[e]) }

func loadOf(e *Endpoint) float64 {
	if e.Load > 0 {
		return e.Load
	}
	return 1
}

// bound reports that e is not for just anyone.
func (p *plan) bound(e int) bool {
	return p.preferred(e) != Nobody || len(p.endpoints[e].Only) > 0
}

// preferred is the member that is to have e whatever it has besides.
func (p *plan) preferred(e int) int {
	i, ok := p.index[p.endpoints[e].Prefer]
	if !ok || !p.allowed(e, i) {
		return Nobody
	}
	return i
}

func (p *plan) allowed(e, member int) bool {
	only := p.endpoints[e].Only
	return len(only) == 0 || slices.Contains(only, p.members[member].Name)
}

// room is what a member is given at most: its share, and not less than what whole endpoints need.
func (p *plan) room(member int) float64 {
	return p.share*p.members[member].Weight + p.most*(1-1/float64(len(p.members)))
}

// limit is what a member keeps at most.
func (p *plan) limit(member int) float64 {
	return max(slack*p.share*p.members[member].Weight, p.room(member))
}

// rounding is what sums of loads may be wrong by.
const rounding = 1 + 1e-9

func (p *plan) fits(e, member int) bool {
	return p.members[member].load+p.loadOf(e) <= p.room(member)*rounding
}

func (p *plan) take(e, member int) {
	p.to[e] = member
	if member != Nobody {
		p.members[member].load += p.loadOf(e)
	}
}

// placeBound places an endpoint that prefers one, or is for some only.
func (p *plan) placeBound(e int) {
	if i := p.preferred(e); i != Nobody {
		p.take(e, i)
		return
	}
	if i, ok := p.index[p.endpoints[e].Owner]; ok && p.allowed(e, i) && p.members[i].load+p.loadOf(e) <= p.limit(i)*rounding {
		p.take(e, i)
		return
	}
	var some []int
	for _, name := range p.endpoints[e].Only {
		if i, ok := p.index[name]; ok {
			some = append(some, i)
		}
	}
	p.take(e, p.bestOf(e, some))
}

// keep leaves the others where they are, as far as their members keep them: those that hashing would bring there first.
func (p *plan) keep() {
	held := make([][]int, len(p.members))
	for _, e := range p.order {
		if i, ok := p.index[p.endpoints[e].Owner]; ok && !p.bound(e) {
			held[i] = append(held[i], e)
		}
	}
	for i, list := range held {
		slices.SortStableFunc(list, func(a, b int) int {
			return -compare(mix(p.hashes[a], p.members[i].hash), mix(p.hashes[b], p.members[i].hash))
		})
		for _, e := range list {
			if p.members[i].load+p.loadOf(e) <= p.limit(i)*rounding {
				p.take(e, i)
			}
		}
	}
}
