package encode

import (
	"slices"
	"strings"

	"tagbridge/mapping"
)

// lineGroup is what line protocol needs of a group, escaped beforehand: 8 bytes a series and the text of its key.
type lineGroup struct {
	series []lineSeries
	keys   []byte // of all series: in the wide layout the field and =, in the narrow one the value of the tag "tag"
	sets   []lineSet
	wide   bool
	big    bool // may hold an unsigned integer of 64 bits
}

// lineSet is what the lines of one label set begin with: measurement, tags and a blank; in the narrow layout head ends
// where the value of the tag "tag" goes.
type lineSet struct{ head, tail []byte }

type lineSeries struct {
	end  uint32 // of its key, in keys
	set  uint16 // its label set
	exp  int8
	enum bool
}

// key is the prepared key of series i.
func (p *lineGroup) key(i uint16) []byte {
	from := uint32(0)
	if i > 0 {
		from = p.series[i-1].end
	}
	return p.keys[from:p.series[i].end]
}

// sameSet is how many samples from the first on are of its label set.
func (p *lineGroup) sameSet(samples []mapping.Sample) int {
	if len(p.sets) == 1 {
		return len(samples)
	}
	set := p.series[samples[0].Index].set
	n := 1
	for n < len(samples) && p.series[samples[n].Index].set == set {
		n++
	}
	return n
}

// prepare makes the lineGroup of g. The bridge's own groups have the wide layout always.
func (l *Line) prepare(g *mapping.Group) *lineGroup {
	p := &lineGroup{wide: g.Own || !l.o.Narrow, series: make([]lineSeries, len(g.Series))}
	p.keys = l.keys[:0]
	sets := make(map[string]uint16)
	set := uint16(0)
	for i, s := range g.Series {
		if i == 0 || !slices.Equal(s.Labels, g.Series[i-1].Labels) {
			head, tail := p.prefix(g, s)
			key := string(head) + "\n" + string(tail)
			known, ok := sets[key]
			if set = known; !ok {
				set = uint16(len(p.sets))
				sets[key] = set
				p.sets = append(p.sets, lineSet{head, tail})
			}
		}
		if p.wide {
			p.keys = appendName(p.keys, s.Field)
			p.keys = append(p.keys, '=')
		} else {
			p.keys = appendName(p.keys, s.Tag)
		}
		p.series[i] = lineSeries{end: uint32(len(p.keys)), set: set, exp: s.Exp, enum: len(s.Enum) > 0}
		p.big = p.big || s.Kind == mapping.Uint64 || s.Kind == mapping.None
	}
	l.keys = p.keys
	p.keys = append(make([]byte, 0, len(p.keys)), p.keys...)
	return p
}

// prefix is the measurement and the tags of s, sorted by key, as the reference advises, cut where the value of the
// tag "tag" goes in the narrow layout.
func (p *lineGroup) prefix(g *mapping.Group, s *mapping.Series) (head, tail []byte) {
	tags := append([]mapping.Label{{Name: "bridge", Value: g.Bridge}, {Name: "device", Value: g.Device}}, s.Labels...)
	if !p.wide {
		tags = append(tags, mapping.Label{Name: "tag"})
	}
	slices.SortStableFunc(tags, func(a, b mapping.Label) int { return strings.Compare(a.Name, b.Name) })
	head = appendMeasurement(nil, g.Measurement)
	for _, t := range tags {
		switch {
		case !p.wide && t.Name == "tag":
			head, tail = append(head, ",tag="...), []byte{}
		case tail != nil:
			tail = appendTag(tail, t)
		default:
			head = appendTag(head, t)
		}
	}
	if p.wide {
		return append(head, ' '), nil
	}
	return head, append(tail, ' ')
}
