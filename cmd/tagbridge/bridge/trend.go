package bridge

import (
	"context"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/cmd/tagbridge/trend"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks/journal"
)

// Trend is what the journal has of tags' past. has says of a tag that is not read now, and of which the journal has nothing
// either, that there is none: Trend then returns its name.
func (b *Bridge) Trend(ctx context.Context, q trend.Query, has func(tag string) bool) (lines []*trend.Line, unknown string, err error) {
	match, err := q.Match()
	if err != nil {
		return nil, "", err
	}
	h, err := b.journal.LookBack(ctx, journal.Past{Match: match, Since: q.Since, Until: q.Until})
	if err != nil {
		return nil, "", err
	}
	defer h.Close()
	for _, name := range q.Tags {
		if device, tag, _ := strings.Cut(name, "/"); !has(name) && !h.Knows(device, tag) {
			return nil, name, nil
		}
	}
	q.Period = periods(b.Config())
	if lines, err = trend.Read(ctx, h, q, time.Now()); err != nil {
		return nil, "", err
	}
	return lines, "", b.explain(ctx, lines)
}

// explain asks the events for the reasons of gaps, if there are gaps.
func (b *Bridge) explain(ctx context.Context, lines []*trend.Line) error {
	span := events.Query{}
	for _, l := range lines {
		if len(l.Gaps) > 0 {
			span.Since, span.Until = l.Since, l.Until.Add(time.Minute)
		}
	}
	if span.Until.IsZero() {
		return nil
	}
	span.Since = span.Since.Add(-24 * time.Hour) // what has begun before
	var happened []events.Event
	err := b.Events(ctx, span, func(e *events.Event) bool {
		switch e.Kind {
		case events.Start, events.Stop, events.Reload, events.DeviceOffline, events.DeviceOnline:
			happened = append(happened, *e)
		}
		return ctx.Err() == nil
	})
	trend.Explain(lines, happened)
	if err != nil {
		b.o.Log.Warn("events cannot be read", "err", err)
	}
	return ctx.Err()
}

// periods is how often cfg has tags polled, each time with a sample; 0: that is not known.
func periods(cfg *config.Config) func(device, tag string) time.Duration {
	return func(device, tag string) time.Duration {
		for i := range cfg.Devices {
			d := &cfg.Devices[i]
			if d.Name != device || d.Pushed() || d.Dated() {
				continue
			}
			for _, t := range d.Tags {
				if t.Name == tag && t.Report == mapping.ReportAll {
					return t.Poll
				}
			}
		}
		return 0
	}
}
