package days

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// key is a sample.
type key struct {
	device, tag string
	time        int64
}

// sample is one of the truth.
type sample struct {
	time    int64
	quality string
	bad     bool
}

// truth is what the bridge has read, as the file that never is out of reach has it: by tag, in the order of their times.
type truth struct {
	all  map[key]bool
	tags map[string][]sample // device/tag, without the bridge's own
	last int64
}

func (p *plant) truth() truth {
	p.t.Helper()
	f, err := os.Open(p.path("truth.jsonl"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	tr := truth{all: map[key]bool{}, tags: map[string][]sample{}}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var l struct {
			Time                 time.Time
			Device, Tag, Quality string
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			continue // cut off by a kill, and written again
		}
		k := key{l.Device, l.Tag, l.Time.UnixNano()}
		if tr.all[k] {
			continue
		}
		tr.all[k] = true
		tr.last = max(tr.last, k.time)
		if !strings.HasPrefix(l.Tag, "_") {
			name := l.Device + "/" + l.Tag
			tr.tags[name] = append(tr.tags[name], sample{k.time, l.Quality, strings.HasPrefix(l.Quality, "Bad")})
		}
	}
	for _, list := range tr.tags {
		slices.SortFunc(list, func(a, b sample) int { return int(a.time - b.time) })
	}
	return tr
}

// stored are the samples that db has.
func (p *plant) stored() map[key]bool {
	have := map[key]bool{}
	points := p.db.Points()
	for i := range points {
		q := &points[i]
		for _, f := range q.Fields {
			tag := strings.TrimSuffix(f.Name, ".quality")
			if q.Measurement == "tagbridge" {
				tag = "_" + tag
			}
			have[key{q.Tag("device"), tag, q.Time}] = true
		}
	}
	return have
}

// hole is a time in which a tag was not read, between two good samples.
type hole struct {
	span
	goes      bool
	qualities map[string]bool // of the bad samples in it
	bad       int64           // the first of them; 0: there is none
}

// holes are those of a tag that are longer than it is read often, up to until.
func holes(list []sample, from, until int64) (all []hole) {
	h := hole{span: span{from: from}, qualities: map[string]bool{}}
	for _, s := range list {
		if s.time > until {
			break
		}
		if s.bad {
			h.qualities[s.quality] = true
			if h.bad == 0 {
				h.bad = s.time
			}
			continue
		}
		h.to = s.time
		all = append(all, h)
		h = hole{span: span{from: s.time}, qualities: map[string]bool{}}
	}
	h.to, h.goes = until, true
	return append(all, h)
}

// unanswered are the qualities of a device that does not answer.
var unanswered = []string{"BadTimeout", "BadNotConnected", "BadNoCommunication", "BadCommunicationError"}

func (h *hole) silent() bool {
	for q := range maps.Keys(h.qualities) {
		if slices.Contains(unanswered, q) {
			return true
		}
	}
	return false
}

// overlap is how long a and b have in common.
func (a span) overlap(b span) int64 {
	to := func(s span) int64 {
		if s.to == 0 {
			return 1<<63 - 1
		}
		return s.to
	}
	return max(0, min(to(a), to(b))-max(a.from, b.from))
}

// meets reports that one of list is within slack of s.
func (s span) meets(list []span, slack int64) bool {
	wide := span{s.from - slack, s.to + slack}
	return slices.ContainsFunc(list, func(o span) bool { return wide.overlap(o) > 0 })
}
