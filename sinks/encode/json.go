package encode

import (
	"slices"

	"tagbridge/mapping"
)

// JSON writes samples as objects:
//
//	{"time":…,"bridge":…,"device":…,"tag":…,"value":…,"quality":…,"text":…,"unit":…,"labels":{…}}
//
// The value of a bad sample is null; text, unit and labels are left out when empty. The zero value is ready.
type JSON struct {
	groups mapping.PerGroup[*jsonGroup]
	stamp  stamp
}

// jsonGroup is what is the same for every sample of a group.
type jsonGroup struct {
	head  []byte   // from the end of the time to the name of the tag
	tags  arena    // of each series: its name, and what stands before the value
	tail  []uint16 // of each series: which of the tails is its
	tails [][]byte // unit and labels, each that there is once
}

// Append appends every sample of b as an object and a line feed.
func (j *JSON) Append(dst []byte, b *mapping.Batch) []byte {
	p := j.groups.Lookup(b.Group, prepareJSON)
	for i := range b.Samples {
		dst = j.object(dst, p, b, &b.Samples[i])
		dst = append(dst, '\n')
	}
	return dst
}

// AppendOne appends sample i of b as an object, without a line feed.
func (j *JSON) AppendOne(dst []byte, b *mapping.Batch, i int) []byte {
	return j.object(dst, j.groups.Lookup(b.Group, prepareJSON), b, &b.Samples[i])
}

func prepareJSON(g *mapping.Group) *jsonGroup {
	p := &jsonGroup{tail: make([]uint16, len(g.Series))}
	p.head = append(p.head, `","bridge":`...)
	p.head = mapping.AppendJSONText(p.head, g.Bridge)
	p.head = append(p.head, `,"device":`...)
	p.head = mapping.AppendJSONText(p.head, g.Device)
	p.head = append(p.head, `,"tag":`...)
	known := make(map[string]uint16)
	var tail []byte
	for i, s := range g.Series {
		p.tags.text = mapping.AppendJSONText(p.tags.text, s.Tag)
		p.tags.text = append(p.tags.text, `,"value":`...)
		p.tags.close()
		tail = tail[:0]
		if s.Unit != "" {
			tail = append(tail, `,"unit":`...)
			tail = mapping.AppendJSONText(tail, s.Unit)
		}
		tail = append(appendJSONLabels(tail, s.Labels), '}')
		at, ok := known[string(tail)]
		if !ok {
			at = uint16(len(p.tails))
			known[string(tail)] = at
			p.tails = append(p.tails, slices.Clone(tail))
		}
		p.tail[i] = at
	}
	p.tags.clip()
	return p
}

// appendJSONLabels appends the labels that have a value as a member, if there are any.
func appendJSONLabels(dst []byte, labels []mapping.Label) []byte {
	start := len(dst)
	for _, l := range labels {
		if l.Value == "" {
			continue
		}
		if len(dst) == start {
			dst = append(dst, `,"labels":{`...)
		} else {
			dst = append(dst, ',')
		}
		dst = mapping.AppendJSONText(dst, l.Name)
		dst = append(dst, ':')
		dst = mapping.AppendJSONText(dst, l.Value)
	}
	if len(dst) > start {
		dst = append(dst, '}')
	}
	return dst
}

func (j *JSON) object(dst []byte, p *jsonGroup, b *mapping.Batch, s *mapping.Sample) []byte {
	i := int(s.Index)
	dst = append(dst, `{"time":"`...)
	dst = j.stamp.append(dst, s.Time)
	dst = append(dst, p.head...)
	dst = append(dst, p.tags.at(i)...)
	series := b.Group.Series[i]
	dst = appendJSONValue(dst, series, b, s)
	dst = append(dst, `,"quality":"`...)
	dst = append(dst, s.Quality.String()...)
	dst = append(dst, '"')
	if text := enumText(series, s); text != "" {
		dst = append(dst, `,"text":`...)
		dst = mapping.AppendJSONText(dst, text)
	}
	return append(dst, p.tails[p.tail[i]]...)
}

// appendJSONValue appends the value of s, which is of b.
func appendJSONValue(dst []byte, series *mapping.Series, b *mapping.Batch, s *mapping.Sample) []byte {
	var text []byte
	if s.Kind == mapping.Text {
		text = b.Text(s)
	}
	return mapping.AppendJSONValue(dst, series, s, text)
}
