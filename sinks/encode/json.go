package encode

import (
	"tagbridge/mapping"
)

// JSON writes samples as objects:
//
//	{"time":…,"bridge":…,"device":…,"tag":…,"value":…,"quality":…,"text":…,"unit":…,"labels":{…}}
//
// The value of a bad sample is null; text, unit and labels are left out when empty. The zero value is ready.
type JSON struct {
	groups Groups[*jsonGroup]
	stamp  stamp
}

// jsonGroup is what is the same for every sample of a group: texts 2i and 2i+1 are what stands between time and value
// of series i, and what comes behind its quality and text.
type jsonGroup struct{ parts arena }

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
	var p jsonGroup
	a := &p.parts
	for _, s := range g.Series {
		a.text = append(a.text, `","bridge":`...)
		a.text = appendJSONString(a.text, g.Bridge)
		a.text = append(a.text, `,"device":`...)
		a.text = appendJSONString(a.text, g.Device)
		a.text = append(a.text, `,"tag":`...)
		a.text = appendJSONString(a.text, s.Tag)
		a.text = append(a.text, `,"value":`...)
		a.close()
		if s.Unit != "" {
			a.text = append(a.text, `,"unit":`...)
			a.text = appendJSONString(a.text, s.Unit)
		}
		a.text = appendJSONLabels(a.text, s.Labels)
		a.close()
	}
	return &p
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
		dst = appendJSONString(dst, l.Name)
		dst = append(dst, ':')
		dst = appendJSONString(dst, l.Value)
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
	dst = append(dst, p.parts.at(2*i)...)
	series := b.Group.Series[i]
	dst = appendJSONValue(dst, series, b, s)
	dst = append(dst, `,"quality":"`...)
	dst = append(dst, s.Quality.String()...)
	dst = append(dst, '"')
	if text := enumText(series, s); text != "" {
		dst = append(dst, `,"text":`...)
		dst = appendJSONString(dst, text)
	}
	dst = append(dst, p.parts.at(2*i+1)...)
	return append(dst, '}')
}

// appendJSONValue appends the value of s: a number, a truth, a string, or null.
func appendJSONValue(dst []byte, series *mapping.Series, b *mapping.Batch, s *mapping.Sample) []byte {
	switch {
	case s.Kind == mapping.None || !finite(s):
		return append(dst, "null"...)
	case s.Kind == mapping.Bool:
		return append(dst, boolText(s)...)
	case s.Kind == mapping.Text:
		return appendJSONString(dst, b.Text(s))
	}
	return mapping.AppendJSONNumber(dst, s, series.Exp)
}
