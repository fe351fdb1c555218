package trend

import (
	"time"

	"tagbridge/mapping"
)

// point is a sample, or what there is of a stretch of time.
type point struct {
	time     int64 // of the sample; the beginning of the stretch
	samples  int
	low      value // of texts the first
	high     value // of texts the last
	mean     mean
	texts    bool // there were several
	quality  mapping.Quality
	hasValue bool
}

// add takes v in, which is of that time.
func (p *point) add(v value) {
	if p.samples == 0 || worse(v.sample.Quality, p.quality) {
		p.quality = v.sample.Quality
	}
	p.samples++
	if v.sample.Kind == mapping.None {
		return
	}
	if !p.hasValue {
		p.low, p.high, p.hasValue = v, v, true
	}
	if v.sample.Kind == mapping.Text || p.low.sample.Kind == mapping.Text {
		p.texts = p.texts || v.text != p.low.text
		p.high = v
		return
	}
	if v.compare(&p.low) < 0 {
		p.low = v
	}
	if v.compare(&p.high) > 0 {
		p.high = v
	}
	p.mean.add(&v)
}

// worse reports that a is worse than b: bad than uncertain than good.
func worse(a, b mapping.Quality) bool { return severity(a) > severity(b) }

func severity(q mapping.Quality) int {
	switch {
	case q.IsBad():
		return 2
	case q.IsUncertain():
		return 1
	}
	return 0
}

// append appends p as JSON.
func (p *point) append(dst []byte) []byte {
	dst = append(dst, '[', '"')
	dst = time.Unix(0, p.time).UTC().AppendFormat(dst, stampFormat)
	dst = append(dst, '"', ',')
	dst = p.low.append(dst)
	dst = append(dst, ',')
	switch {
	case p.hasValue && p.mean.n == 0 && p.texts:
		dst = append(dst, "null"...)
	case !p.hasValue || p.mean.n < 2:
		dst = p.low.append(dst)
	default:
		dst = p.mean.append(dst)
	}
	dst = append(dst, ',')
	dst = p.high.append(dst)
	dst = append(dst, ',', '"')
	dst = append(dst, p.quality.String()...)
	return append(dst, '"', ']')
}

const stampFormat = "2006-01-02T15:04:05.000000000Z"
