package gaps

import (
	"slices"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// Applied is a configuration that was in force from Time on, until that of the next.
type Applied struct {
	Time time.Time
	Load func() *config.Config // nil: it cannot be read
}

// wanted is how a tag is read under one configuration.
type wanted struct {
	period  int64
	regular bool  // each poll makes a sample, unless it is bad
	beat    int64 // it is sent again after so long, at a poll; 0: it is not
	pushed  bool  // it comes by itself
	answer  int64 // how long the device may take to be asked, once and again, before it counts as silent
}

// plan is what one configuration wants.
type plan struct {
	from    int64
	cfg     *config.Config // nil: it cannot be read
	devices map[string]map[string]wanted
	dated   map[string]bool // whether what is read of a device has times of its own

	withheld map[place]bool // tags that are read and not sent: nothing of them can be missing
}

// planOf is what cfg wants from then on of the tags that q takes.
func planOf(from int64, cfg *config.Config, q *Query) *plan {
	p := &plan{from: from, cfg: cfg, devices: map[string]map[string]wanted{}, dated: map[string]bool{}, withheld: map[place]bool{}}
	if cfg == nil {
		return p
	}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		tags := make(map[string]wanted, len(d.Tags))
		for _, t := range d.Tags {
			switch {
			case t.Withheld():
				p.withheld[place{d.Name, t.Name}] = true
			case q.takes(d.Name, t.Name):
				tags[t.Name] = wantedOf(d, t)
			}
		}
		p.devices[d.Name], p.dated[d.Name] = tags, d.Pushed() || d.Dated()
	}
	return p
}

func wantedOf(d *config.Device, t *mapping.Tag) wanted {
	w := wanted{period: int64(t.Poll), pushed: d.Pushed(), answer: int64(d.Timeout) * int64(d.Retries+1)}
	if !d.Pushed() && !d.Dated() {
		w.regular = t.Report == mapping.ReportAll
		if !w.regular {
			w.beat = int64(t.Heartbeat)
		}
	}
	return w
}

// of is how a tag is read; false: it is not among those that are.
func (p *plan) of(device, tag string) (wanted, bool) {
	w, ok := p.devices[device][tag]
	return w, ok
}

// plansOf are what the configurations want, by the time from which they were in force: that of the start or reload that they
// came with, which is a little before it was noted.
func plansOf(list []Applied, c *causes, q *Query) []*plan {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Applied) int { return a.Time.Compare(b.Time) })
	var plans []*plan
	for i, a := range list {
		from := max(a.Time.Unix(), 0) * int64(time.Second)
		if from > 0 {
			from = a.Time.UnixNano()
		}
		for _, began := range c.began() {
			if began <= a.Time.UnixNano() && a.Time.UnixNano()-began < int64(noted) {
				from = min(from, began)
			}
		}
		var cfg *config.Config
		past := i+1 < len(list) && !q.Since.IsZero() && list[i+1].Time.Before(q.Since.Add(-noted))
		if a.Load != nil && !past { // else nothing of it is asked for
			cfg = a.Load()
		}
		plans = append(plans, planOf(from, cfg, q))
	}
	return plans
}

// began is when starts and reloads began.
func (c *causes) began() []int64 {
	list := slices.Clone(c.starts)
	for _, r := range c.reloads {
		list = append(list, r.from)
	}
	return list
}

// noted is how long after a start or a reload its configuration is kept at most.
const noted = 30 * time.Second
