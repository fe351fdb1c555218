package place

import (
	"hash/fnv"
	"math"
)

// mostGroups is how many members are compared one by one: beyond that, an endpoint chooses a group first.
const mostGroups = 128

// group is some of the members: with few members, one.
type group struct {
	hash    uint64
	weight  float64
	members []int
	full    bool // nobody in it has room for the smallest endpoint
}

// form puts the members into groups by their names, so that one that comes or goes changes one group.
func (p *plan) form() {
	if len(p.members) <= mostGroups {
		for i := range p.members {
			m := &p.members[i]
			m.group = i
			p.groups = append(p.groups, group{hash: m.hash, weight: m.Weight, members: []int{i}})
		}
		return
	}
	p.groups = make([]group, mostGroups)
	for i := range p.groups {
		p.groups[i].hash = mix(uint64(i), mostGroups)
	}
	for i := range p.members {
		m := &p.members[i]
		m.group = int(m.hash % mostGroups)
		g := &p.groups[m.group]
		g.weight += m.Weight
		g.members = append(g.members, i)
	}
}

// best is the member that e goes to: the first by hashing that has room, else the one that has least beside its weight.
func (p *plan) best(e int) int {
	var tried [mostGroups]bool
	for {
		found, score := Nobody, 0.0
		for i := range p.groups {
			g := &p.groups[i]
			if g.full || tried[i] || len(g.members) == 0 {
				continue
			}
			if s := weighted(mix(p.hashes[e], g.hash), g.weight); found == Nobody || s > score {
				found, score = i, s
			}
		}
		if found == Nobody {
			return p.emptiest(e, nil)
		}
		if i := p.first(e, p.groups[found].members); i != Nobody {
			return i
		}
		tried[found] = true
		p.groups[found].full = p.loadOf(e) <= p.least
	}
}

// bestOf is best among some.
func (p *plan) bestOf(e int, some []int) int {
	if len(some) == 0 {
		return Nobody
	}
	if i := p.first(e, some); i != Nobody {
		return i
	}
	return p.emptiest(e, some)
}

// first is that of some that hashing prefers among those that have room; Nobody has.
func (p *plan) first(e int, some []int) int {
	found, score := Nobody, 0.0
	for _, i := range some {
		if !p.fits(e, i) {
			continue
		}
		m := &p.members[i]
		if s := weighted(mix(p.hashes[e], m.hash), m.Weight); found == Nobody || s > score {
			found, score = i, s
		}
	}
	return found
}

// emptiest is that of some, nil: of all, which has least beside its weight, once e is added; of equals, the first by name.
func (p *plan) emptiest(e int, some []int) int {
	if some == nil {
		some = make([]int, len(p.members))
		for i := range some {
			some[i] = i
		}
	}
	found, least := Nobody, 0.0
	for _, i := range some {
		l := (p.members[i].load + p.loadOf(e)) / p.members[i].Weight
		if found == Nobody || l < least || l == least && p.members[i].Name < p.members[found].Name {
			found, least = i, l
		}
	}
	return found
}

// weighted makes a hash a score, so that the highest is of each member as often as its weight says.
func weighted(hash uint64, weight float64) float64 {
	u := (float64(hash>>11) + 0.5) / (1 << 53) // within 0 and 1
	return -weight / math.Log(u)
}

func hashOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // which never fails
	return mix(h.Sum64(), 0)
}

// mix is a hash of two (the finalizer of MurmurHash3).
func mix(a, b uint64) uint64 {
	h := a ^ b*0x9e3779b97f4a7c15
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
