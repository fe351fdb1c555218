package drivers

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"
)

// saturated is the share of its time from which on a line has none to spare.
const saturated = 0.95

// load is what a lane knows of being too slow for what is asked of it.
type load struct {
	late   uint64 // polls skipped in this minute
	over   bool   // the log has it
	since  time.Time
	before func(device string) time.Time // LaneOptions.Late, until it was asked
}

// judge logs, at the end of a minute of which the line was busy for a share, that it has become too slow for the jobs,
// or no longer is.
func (o *load) judge(log *slog.Logger, busy float64, jobs []*Job, minute time.Duration) {
	late := o.late
	o.late = 0
	o.recall(jobs)
	switch over := late > 0 && busy >= saturated; {
	case over && !o.over:
		o.since = time.Now().Add(-minute)
		log.Warn("line overloaded: read these less often", "busy_percent", math.Round(busy*100), "late", late,
			"slow_down", heaviest(jobs, minute), "event", "polls-late", "of", devicesOf(jobs))
	case !over && o.over:
		log.Info("line keeps up again", "busy_percent", math.Round(busy*100), "outage", time.Since(o.since).Round(time.Second),
			"event", "polls-on-time", "of", devicesOf(jobs))
	default:
		return
	}
	o.over = !o.over
}

// recall asks once since when the line has been too slow, as is known from before.
func (o *load) recall(jobs []*Job) {
	if o.before == nil {
		return
	}
	for _, name := range devicesOf(jobs) {
		if since := o.before(name); !since.IsZero() && (o.since.IsZero() || since.Before(o.since)) {
			o.since, o.over = since, true
		}
	}
	o.before = nil
}

// devicesOf are the names of the jobs' devices, each once.
func devicesOf(jobs []*Job) []string {
	var list []string
	for _, j := range jobs {
		list = append(list, j.Device.Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// heaviest names the devices and periods that took most of the last minute, of which the lane has run so much.
func heaviest(jobs []*Job, minute time.Duration) string {
	const most = 3
	jobs = slices.Clone(jobs)
	slices.SortStableFunc(jobs, func(a, b *Job) int { return cmp.Compare(b.lastSpent, a.lastSpent) })
	var list []string
	for _, j := range jobs[:min(len(jobs), most)] {
		share := float64(j.lastSpent) / float64(max(minute, 1))
		list = append(list, fmt.Sprintf("%s every %v: %.0f %%", j.Device.Name, j.Period, 100*share))
	}
	return strings.Join(list, ", ")
}
