package encode

import "tagbridge/mapping"

// Values writes samples of one device and time as one object:
//
//	{"time":…,"bridge":…,"device":…,"values":{TAG:value or null,…},"quality":{TAG:name of those not Good,…}}
//
// The zero value is ready.
type Values struct {
	groups mapping.PerGroup[*valuesGroup]
	stamp  stamp
}

// valuesGroup is what is the same for every sample of a group.
type valuesGroup struct {
	head []byte // from the end of the time to the first tag
	tags arena  // of each series: its name and a colon
}

// Append appends the samples of b, which are of one time and each of another series, as an object without a line feed.
func (e *Values) Append(dst []byte, b *mapping.Batch) []byte {
	p := e.groups.Lookup(b.Group, prepareValues)
	dst = append(dst, `{"time":"`...)
	dst = e.stamp.append(dst, b.Samples[0].Time)
	dst = append(dst, p.head...)
	for i := range b.Samples {
		s := &b.Samples[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, p.tags.at(int(s.Index))...)
		dst = appendJSONValue(dst, b.Group.Series[s.Index], b, s)
	}
	dst = append(dst, `},"quality":{`...)
	start := len(dst)
	for i := range b.Samples {
		s := &b.Samples[i]
		if s.Quality.Base() == mapping.Good {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, p.tags.at(int(s.Index))...)
		dst = append(dst, '"')
		dst = append(dst, s.Quality.String()...)
		dst = append(dst, '"')
	}
	return append(dst, `}}`...)
}

func prepareValues(g *mapping.Group) *valuesGroup {
	var p valuesGroup
	p.head = append(p.head, `","bridge":`...)
	p.head = mapping.AppendJSONText(p.head, g.Bridge)
	p.head = append(p.head, `,"device":`...)
	p.head = mapping.AppendJSONText(p.head, g.Device)
	p.head = append(p.head, `,"values":{`...)
	for _, s := range g.Series {
		p.tags.text = append(mapping.AppendJSONText(p.tags.text, s.Tag), ':')
		p.tags.close()
	}
	p.tags.clip()
	return &p
}

// Runs cuts samples into what one message of many tags can hold. The zero value is ready.
type Runs struct{ sort sorter }

// Len is how many of samples, which are not empty and of a group of n series, from the first on have its time and are
// each of another series.
func (r *Runs) Len(samples []mapping.Sample, n int) int { return r.sort.sameTime(samples, 1, n) }

// AppendValue appends the bare value of sample i of b: the text of an enumeration, else the number as JSON has it, true or
// false, or the bytes of a string; nothing for a bad sample.
func AppendValue(dst []byte, b *mapping.Batch, i int) []byte {
	s := &b.Samples[i]
	series := b.Group.Series[s.Index]
	switch {
	case s.Kind == mapping.None || !s.IsFinite():
		return dst
	case s.Kind == mapping.Text:
		return append(dst, b.Text(s)...)
	}
	if text := enumText(series, s); text != "" {
		return append(dst, text...)
	}
	return appendJSONValue(dst, series, b, s)
}
