package health

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/drivers"
)

func (r *Report) devices(list []drivers.DeviceState, now time.Time) {
	for i := range list {
		d := &list[i]
		if d.State == drivers.Online || d.State == drivers.Elsewhere {
			continue
		}
		if r.Offline++; r.Offline > mostOnes {
			continue
		}
		switch {
		case d.Since.IsZero() && d.Error == "":
			r.problem("unanswered", d.Name, fmt.Sprintf("device %s has not answered yet", d.Name), "error", "")
		case d.Since.IsZero():
			r.problem("unanswered", d.Name, fmt.Sprintf("device %s has not answered yet: %s", d.Name, d.Error), "error", d.Error)
		default:
			away := now.Sub(d.Since)
			r.problem("offline", d.Name, fmt.Sprintf("device %s is offline for %s: %s", d.Name, HowLong(away), d.Error),
				"for_seconds", away.Seconds(), "error", d.Error)
		}
	}
	if n := r.Offline - mostOnes; n > 0 {
		r.problem("more-offline", "", fmt.Sprintf("and %d more devices are offline", n), "count", n)
	}
	if r.Offline > 0 {
		r.part("offline", "", of(r.Offline, len(list), "device")+" offline", "count", r.Offline, "of", len(list))
	}
}

// tags is about tags of devices that are online.
func (r *Report) tags(list []drivers.DeviceState) {
	bad, devices := 0, 0
	for i := range list {
		d := &list[i]
		if d.State != drivers.Online || d.BadTags == 0 {
			continue
		}
		bad += d.BadTags
		if devices++; devices <= mostOnes {
			r.problem("bad-tags", d.Name, fmt.Sprintf("device %s: %s bad", d.Name, of(d.BadTags, d.Tags, "tag")),
				"count", d.BadTags, "of", d.Tags)
		}
	}
	if n := devices - mostOnes; n > 0 {
		r.problem("more-bad-tags", "", fmt.Sprintf("and tags of %d more devices are bad", n), "count", n)
	}
	if bad > 0 {
		r.part("bad-tags", "", of(bad, r.Tags, "tag")+" bad on devices that are online", "count", bad, "of", r.Tags)
	}
}

func (r *Report) connections(list []bridge.LineState) {
	n := 0
	for i := range list {
		l := &list[i]
		switch {
		case l.Overdue > 0:
			r.problem("stuck", l.Name, fmt.Sprintf("connection %s is stuck, for %s", l.Name, HowLong(l.Overdue)), "for_seconds", l.Overdue.Seconds())
		case len(l.SlowDown) > 0:
			first := l.SlowDown[0]
			r.problem("crowded", l.Name, fmt.Sprintf("connection %s has no time for all polls: read %s every %v instead of %v",
				l.Name, first.Device, first.Fits, first.Period), "device", first.Device, "fits", first.Fits.String(), "period", first.Period.String())
		default:
			continue
		}
		n++
	}
	if n > 0 {
		r.part("connections", "", of(n, len(list), "connection")+" overloaded or stuck", "count", n, "of", len(list))
	}
}

func (r *Report) sink(k *bridge.SinkState) {
	r.losses(k)
	wait := "wait"
	if k.BehindSamples == 1 {
		wait = "waits"
	}
	behind := fmt.Sprintf("%s %s, the oldest for %s", Samples(k.BehindSamples), wait, HowLong(Seconds(k.BehindSeconds)))
	waiting := []any{"samples", k.BehindSamples, "oldest_seconds", k.BehindSeconds, "error", k.Error}
	switch {
	case !k.Connected && k.Error != "":
		r.part("takes-nothing", k.Sink, fmt.Sprintf("sink %s takes nothing", k.Sink))
		r.problem("takes-nothing", k.Sink, fmt.Sprintf("sink %s takes nothing, %s: %s", k.Sink, behind, k.Error), waiting...)
	case Seconds(k.BehindSeconds) > wellBehind:
		r.part("behind", k.Sink, fmt.Sprintf("sink %s is behind", k.Sink))
		text := fmt.Sprintf("sink %s is behind: %s", k.Sink, behind)
		if k.DrainSeconds == nil {
			r.problem("falls-behind", k.Sink, text+", and it does not catch up", waiting...)
			return
		}
		r.problem("behind", k.Sink, fmt.Sprintf("%s; at its present pace it needs %s", text, HowLong(Seconds(*k.DrainSeconds))),
			append(waiting, "needs_seconds", *k.DrainSeconds)...)
	case k.SetAside > 0:
		text := fmt.Sprintf("sink %s refuses %s", k.Sink, Plural(k.SetAside, "tag"))
		r.part("refuses", k.Sink, text, "count", k.SetAside)
		r.problem("refuses", k.Sink, fmt.Sprintf("%s again and again: %s", text, k.Error), "count", k.SetAside, "error", k.Error)
	}
}

// delivered is what the sinks have got since they were first there. What waits for less than a minute is on its way.
func delivered(list []bridge.SinkState, now time.Time) string {
	var all []gaps.Sink
	for i := range list {
		k := &list[i]
		s := gaps.Sink{Sink: k.Sink, There: k.Ever.Since, Dropped: k.Ever.Dropped, Rejected: k.Ever.Rejected}
		if Seconds(k.BehindSeconds) > gaps.OnTheWay {
			s.Waiting = k.BehindSamples
		}
		all = append(all, s)
	}
	parts, _ := gaps.Delivered(all, time.Time{}, now)
	return strings.Join(parts, "; ")
}

// losses are what a sink will not get any more: nothing that could still be mended.
func (r *Report) losses(k *bridge.SinkState) {
	for _, reason := range slices.Sorted(maps.Keys(k.Ever.Reasons)) {
		lost := k.Ever.Reasons[reason]
		if lost.Samples == 0 {
			continue
		}
		text := fmt.Sprintf("sink %s has lost %s (%s)", k.Sink, Samples(lost.Samples), reason)
		pairs := []any{"samples", lost.Samples, "reason", reason}
		if !lost.First.IsZero() && !lost.Last.IsZero() {
			text += fmt.Sprintf(", read from %s to %s", stamp(lost.First), stamp(lost.Last))
			pairs = append(pairs, "first", lost.First.UTC().Format(time.RFC3339), "last", lost.Last.UTC().Format(time.RFC3339))
		}
		r.note("lost", k.Sink, text, pairs...)
	}
	if n := k.Kept; n > 0 {
		r.note("rejected", k.Sink, fmt.Sprintf("sink %s has refused %s, which are kept aside", k.Sink, Samples(n)), "samples", n)
	}
}

// alarms adds the alarms of the plant to the verdict. The bridge is as well as it was without.
func (r *Report) alarms(list []bridge.AlarmCount) {
	for i := range list {
		if r.Alarms += list[i].Active; list[i].Priority == 1 {
			r.Urgent += list[i].Active
		}
	}
	if r.Alarms == 0 {
		return
	}
	text := are(r.Alarms, "alarm") + " active"
	if r.Urgent > 0 {
		text += fmt.Sprintf(", %d of priority 1", r.Urgent)
	}
	r.part("alarms", "", text, "count", r.Alarms, "urgent", r.Urgent)
	r.Verdict += "; " + text
}
