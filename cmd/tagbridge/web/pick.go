package web

import (
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
)

// What the quality of tags is looked at for: the severities.
const (
	good = iota
	uncertain
	bad
	away // another member of the cluster reads it: nothing is known of it here
)

// maxPicks is how many questions are remembered with what they pick; whoever types a pattern asks a new one each time.
const maxPicks = 16

// lookEvery is how often at most the qualities of all tags are compared, however many pages there are.
const lookEvery = 250 * time.Millisecond

// pick is the tags that a filter takes, in the order of the catalog. It does not change, but for used.
type pick struct {
	named []uint32 // places of the tags that device and match take
	tags  []uint32 // those of them whose quality is asked for: named itself when all are
	// by is how many of named there are by severity; turns is what it and tags are of.
	by    [4]int
	turns uint64
	// id changes when tags do.
	id   uint64
	used uint64
}

// pick is what f takes now; question is what it was read from.
func (c *catalog) pick(f *filter) *pick {
	c.look()
	question := f.question()
	p := c.picks[question]
	if p == nil || p.turns != c.turns {
		bridge.AtLowPriority(func() { p = c.choose(f, p) })
		if len(c.picks) >= maxPicks && c.picks[question] == nil {
			c.forgetOldest()
		}
		c.picks[question] = p
	}
	c.uses++
	p.used = c.uses
	return p
}

// choose is what f takes; was is what it took before, nil: nothing is known.
func (c *catalog) choose(f *filter, was *pick) *pick {
	p := &pick{turns: c.turns}
	if was != nil {
		p.named, p.id = was.named, was.id
	} else {
		p.named = c.named(f)
	}
	for _, i := range p.named {
		p.by[c.severity[i]]++
	}
	p.tags = p.named
	if f.severities != allSeverities {
		p.tags = make([]uint32, 0, 64)
		for _, i := range p.named {
			if f.severities>>c.severity[i]&1 == 1 {
				p.tags = append(p.tags, i)
			}
		}
	}
	if f.worst {
		p.tags = c.worstFirst(p.tags)
	}
	if was == nil || !slices.Equal(was.tags, p.tags) {
		c.uses++
		p.id = c.uses
	}
	return p
}

// worstFirst is tags with those on top that are bad, then those that are uncertain, each in the order of the catalog.
func (c *catalog) worstFirst(tags []uint32) []uint32 {
	list := make([]uint32, 0, len(tags))
	for _, s := range []int{bad, uncertain, good, away} {
		for _, i := range tags {
			if int(c.severity[i]) == s {
				list = append(list, i)
			}
		}
	}
	return list
}

// named is the places of the tags that device and match of f take.
func (c *catalog) named(f *filter) []uint32 {
	list := make([]uint32, 0, len(c.tags))
	for i, e := range c.tags {
		if f.takesName(c.device(e), c.series(e).Tag) {
			list = append(list, uint32(i))
		}
	}
	return slices.Clip(list)
}

func (c *catalog) forgetOldest() {
	oldest, used := "", ^uint64(0)
	for question, p := range c.picks {
		if p.used < used {
			oldest, used = question, p.used
		}
	}
	delete(c.picks, oldest)
}

// look compares the severity of all tags with what it is now. A table that says that no quality has changed is left alone.
func (c *catalog) look() {
	if now := time.Now(); now.Sub(c.looked) < lookEvery {
		return
	} else {
		c.looked = now
	}
	var qualities []mapping.Quality
	changed := false
	for i, t := range c.tables {
		turned, elsewhere := t.Turned(), t.Elsewhere()
		if turned == c.turned[i] && elsewhere == c.away[i] {
			continue
		}
		var ok bool
		if qualities, ok = t.Qualities(c.groups[i], qualities[:0]); !ok {
			continue // the next question is to another catalog
		}
		c.turned[i], c.away[i] = turned, elsewhere
		for k, q := range qualities {
			s, at := severityOf(q), c.places[i][k]
			if elsewhere {
				s = away
			}
			if c.severity[at] != s {
				c.severity[at], changed = s, true
			}
		}
	}
	if changed {
		c.turns++
	}
}

func severityOf(q mapping.Quality) uint8 { return uint8(min(q>>30, bad)) }

// question is a text for device and match and quality, the same for the same ones.
func (f *filter) question() string {
	var b strings.Builder
	for _, d := range f.devices {
		b.WriteString(d + "\x00")
	}
	b.WriteString("\x01")
	for _, p := range f.asked {
		b.WriteString(p + "\x00")
	}
	b.WriteByte(byte(f.severities))
	if f.worst {
		b.WriteByte(1)
	}
	return b.String()
}
