package kill

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"tagbridge/testrig/influxd"
)

// dump is what the journal has taken, by sample: its value.
func (p *plant) dump() map[key]float64 {
	p.t.Helper()
	taken := map[key]float64{}
	at := uint64(0)
	for line := range bytes.Lines(p.verb("journal", "dump", "data")) {
		var s struct {
			Position    uint64
			Device, Tag string
			Value       *float64
			Time        time.Time
		}
		if err := json.Unmarshal(line, &s); err != nil {
			if bytes.Contains(line, []byte(`"tag":"_`)) { // _online is no number
				at++
				continue
			}
			p.t.Fatalf("dump printed %s: %v", line, err)
		}
		if s.Position != at {
			p.t.Fatalf("position %d of the journal is followed by %d", at, s.Position)
		}
		at++
		if s.Tag[0] == '_' || s.Value == nil {
			continue
		}
		k := key{s.Device, s.Tag, s.Time.UnixNano()}
		if _, twice := taken[k]; twice {
			p.t.Errorf("the journal has %v twice", k)
		}
		taken[k] = *s.Value
	}
	return taken
}

// checkPolls compares what the PLCs answered with what the journal took: of each run only the end can be missing, that
// was not written yet when the kill came.
func (p *plant) checkPolls(taken map[key]float64) {
	p.t.Helper()
	worst := 0
	for i, u := range p.units {
		device := string([]byte{'d', byte('0' + i)})
		var have []int64
		for k := range taken {
			if k.device == device && k.tag == "t0" {
				have = append(have, k.time)
			}
		}
		slices.Sort(have)
		requests := u.Requests()
		missing, run := 0, 0
		for j, q := range requests {
			from, to := q.Time.UnixNano(), int64(1<<63-1)
			if j+1 < len(requests) {
				to = requests[j+1].Time.UnixNano()
			}
			at, _ := slices.BinarySearch(have, from)
			found := at < len(have) && have[at] < to
			for run+1 < len(p.sink.runs) && !q.Time.Before(p.sink.runs[run+1]) {
				run++
				missing = 0
			}
			switch {
			case !found:
				missing++
				worst = max(worst, missing)
			case missing > 0:
				p.t.Fatalf("%s, run %d: %d polls are missing in the journal, and then it goes on", device, run, missing)
			}
		}
		if len(have) > len(requests) || len(have) == 0 {
			p.t.Errorf("%s was read %d times, and the journal has %d polls", device, len(requests), len(have))
		}
	}
	p.t.Logf("at most %d polls of a device were not yet written when the kill came", worst)
}

// checkDelivered compares the journal with the sink, both ways.
func (p *plant) checkDelivered(taken map[key]float64) {
	p.t.Helper()
	stored := map[key]float64{}
	for _, w := range p.sink.writes() {
		each(w.points, func(k key, v float64) { stored[k] = v })
	}
	missing := 0
	for k, v := range taken {
		if got, ok := stored[k]; !ok || got != v {
			if missing++; missing < 5 {
				p.t.Errorf("the journal has %v as %v, the sink %v (%v)", k, v, got, ok)
			}
		}
	}
	for k := range stored {
		if _, ok := taken[k]; !ok {
			p.t.Errorf("the sink has %v, which the journal never took", k)
		}
	}
	if missing > 0 {
		p.t.Errorf("%d samples of %d are missing or other in the sink", missing, len(taken))
	}
}

// checkOrder wants the new samples of each tag to come in their order.
func (p *plant) checkOrder() {
	p.t.Helper()
	last := map[key]int64{}
	seen := map[key]bool{}
	for i, w := range p.sink.writes() {
		each(w.points, func(k key, _ float64) {
			tag := key{k.device, k.tag, 0}
			if !seen[k] && k.time < last[tag] {
				p.t.Errorf("write %d brings %v for the first time, behind one at %d", i, k, last[tag])
			}
			seen[k] = true
			last[tag] = max(last[tag], k.time)
		})
	}
}

// checkTwice wants samples to be stored again only when the sink's answer was a failure, or when theirs was the last
// write before a kill.
func (p *plant) checkTwice() {
	p.t.Helper()
	final := map[key]int{} // acknowledged, and not in the last write of that run
	writes := p.sink.writes()
	last := map[int]int{} // write of each run
	for i, w := range writes {
		last[w.run] = i
	}
	twice := 0
	for i, w := range writes {
		each(w.points, func(k key, _ float64) {
			if at, ok := final[k]; ok && w.run > 0 {
				if twice++; twice < 5 {
					p.t.Errorf("run %d stores %v again, which was acknowledged in run %d (write %d)", w.run, k, writes[at].run, at)
				}
			}
		})
		if w.acked && w.run > 0 && i < last[w.run] {
			each(w.points, func(k key, _ float64) { final[k] = i })
		}
	}
}

// each calls do with every value of the tags in points.
func each(points []influxd.Point, do func(k key, v float64)) {
	for i := range points {
		q := &points[i]
		for _, f := range q.Fields {
			if v, ok := f.Value.(float64); ok {
				do(key{q.Tag("device"), f.Name, q.Time}, v)
			}
		}
	}
}
