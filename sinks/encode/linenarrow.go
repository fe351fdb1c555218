package encode

import (
	"strconv"

	"tagbridge/mapping"
)

// narrowFields are the names of the value's field, by kind; numbers that are not named here are "value".
var narrowFields = [...]string{
	mapping.Bool:   "value_bool=",
	mapping.Int64:  "value_int=",
	mapping.Uint64: "value_int=",
	mapping.Text:   "value_text=",
}

// appendNarrow appends one line for every sample of b, with its quality.
func (l *Line) appendNarrow(dst []byte, p *lineGroup, b *mapping.Batch) []byte {
	unit := int64(l.o.Precision)
	for i := range b.Samples {
		s := &b.Samples[i]
		if !l.o.Unsigned && tooBig(s) {
			continue
		}
		series := &p.series[s.Index]
		set := &p.sets[series.set]
		dst = append(dst, set.head...)
		dst = append(dst, p.key(s.Index)...)
		dst = append(dst, set.tail...)
		if l.holds(s) {
			dst = append(dst, l.narrowField(s.Kind)...)
			dst = l.appendValue(dst, p, b, s)
			dst = append(dst, ',')
		}
		if series.enum {
			if text := enumText(b.Group.Series[s.Index], s); text != "" {
				dst = append(dst, "text="...)
				dst = appendLineString(dst, text)
				dst = append(dst, ',')
			}
		}
		dst = append(dst, `quality="`...)
		dst = append(dst, s.Quality.String()...)
		dst = append(dst, `" `...)
		dst = strconv.AppendInt(dst, s.Time/unit, 10)
		dst = append(dst, '\n')
	}
	return dst
}

func (l *Line) narrowField(k mapping.Kind) string {
	if l.o.Integers && (k == mapping.Int || k == mapping.Uint) {
		return narrowFields[mapping.Int64]
	}
	if int(k) < len(narrowFields) && narrowFields[k] != "" {
		return narrowFields[k]
	}
	return "value="
}
