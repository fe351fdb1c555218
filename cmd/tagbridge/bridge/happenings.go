package bridge

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// What happens is said once, with a log record that is an event as well (see events.Handler). The events are kept in the
// data directory, and go to the sinks that ask for them, as samples like others.

// endTime is how long the last events may take to be written.
const endTime = 2 * time.Second

// openEvents opens the store of the data directory, and has what is logged from now on be events.
func (b *Bridge) openEvents(dataDir string) {
	if b.o.Log == nil {
		b.o.Log = slog.New(slog.DiscardHandler)
	}
	b.events = events.Open(events.Options{Dir: events.Folder(dataDir), Log: b.o.Log, Each: b.tellSinks})
	b.o.Log = slog.New(events.NewHandler(b.o.Log.Handler(), b.events))
}

// keepOutages forgets the outages of what cfg does not have.
func (b *Bridge) keepOutages(cfg *config.Config) {
	tags := map[string]map[string]bool{} // by device
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		tags[d.Name] = make(map[string]bool, len(d.Tags))
		for _, t := range d.Tags {
			tags[d.Name][t.Name] = true
		}
	}
	sinks := map[string]bool{}
	for i := range cfg.Sinks {
		sinks[cfg.Sinks[i].Name] = true
	}
	b.events.Keep(func(e *events.Event) bool {
		switch {
		case e.Tag != "":
			name, _, _ := strings.Cut(e.Tag, "[") // of an element of an array
			return tags[e.Device][e.Tag] || tags[e.Device][name]
		case e.Device != "":
			return tags[e.Device] != nil
		}
		return e.Sink == "" || sinks[e.Sink]
	})
}

// flushEvents has the events so far be written and in the journal.
func (b *Bridge) flushEvents(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = b.events.Flush(ctx) // a disk that hangs is logged
}

// endEvents ends the store's task.
func (b *Bridge) endEvents(keep *task) {
	ctx, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	keep.end(ctx)
}

// Events yields the events that were asked for, in the order of their times.
func (b *Bridge) Events(ctx context.Context, q events.Query, yield func(*events.Event) bool) error {
	return b.events.Read(ctx, q, yield)
}

// sayRefused logs why a reload was refused: one event, which has the first of the reasons.
func (b *Bridge) sayRefused(problems []string) {
	for i, p := range problems {
		if i > 0 {
			b.o.Log.Error("reload refused", "problem", p)
			continue
		}
		b.o.Log.Error("reload refused", "problems", len(problems), "problem", p, "event", events.RefusedReload)
	}
}

// inShort is the first of a list of changes, and how many more there are.
func inShort(changes []string) string {
	const most = 3
	switch n := len(changes); {
	case n == 0:
		return "nothing has changed"
	case n > most:
		return fmt.Sprintf("%s; and %d more changes", strings.Join(changes[:most], "; "), n-most)
	}
	return strings.Join(changes, "; ")
}

// ownDevice is the device of what happens to the bridge itself. No device of a configuration can have this name.
const ownDevice = "_bridge"

// teller makes samples of events. It is of the store's goroutine.
type teller struct {
	cfg    *config.Config // that groups are of
	groups map[string]*mapping.Group
	last   map[string]int64 // the time of the last sample, by device
	batch  mapping.Batch
}

// tellSinks appends e to the journal when there is a sink that gets events.
func (b *Bridge) tellSinks(e *events.Event) {
	now := b.now.Load()
	if now == nil || !wantsEvents(now.cfg) {
		return
	}
	batch := b.teller.sample(e, now.cfg)
	if err := b.journal.Append(batch); err != nil {
		b.o.Log.Debug("event does not go to sinks", "err", err) // it is in the files
	}
}

func wantsEvents(cfg *config.Config) bool {
	for i := range cfg.Sinks {
		if cfg.Sinks[i].Events {
			return true
		}
	}
	return false
}

// sample is e as a batch, which is valid until the next.
func (t *teller) sample(e *events.Event, cfg *config.Config) *mapping.Batch {
	if t.cfg != cfg {
		t.cfg, t.groups = cfg, map[string]*mapping.Group{}
	}
	if t.last == nil {
		t.last = map[string]int64{}
	}
	device := e.Device
	if device == "" {
		device = ownDevice
	}
	g := t.groups[device]
	if g == nil {
		g = eventGroup(cfg, device)
		t.groups[device] = g
	}
	// Databases keep one value for each time: two events of a device are a millisecond apart. What is of a server's time, which may be
	// ahead, is sent as of now, so that what comes after it is not.
	at := max(notAhead(e.Time.UnixNano()).UnixNano(), t.last[device]+int64(time.Millisecond))
	t.last[device] = at
	t.batch.Reset(g)
	s := mapping.Sample{Time: at, Kind: mapping.Text}
	t.batch.PutText(&s, []byte(textOf(e)))
	t.batch.Samples = append(t.batch.Samples, s)
	return &t.batch
}

// textOf is e for those who have the device and the time.
func textOf(e *events.Event) string {
	text := string(e.Kind)
	switch {
	case e.Tag != "":
		text += " " + e.Tag
	case e.Device == "" && e.Sink != "":
		text += " " + e.Sink
	}
	return text + ": " + e.Short()
}

// eventGroup is the group of the events of a device. In InfluxDB they are a field of the measurement of health.
func eventGroup(cfg *config.Config, device string) *mapping.Group {
	g := mapping.Group{Bridge: cfg.Bridge.Name, Device: device, Measurement: "tagbridge", Own: true}
	traits := &mapping.SeriesTraits{Kind: mapping.Text}
	for i := range cfg.Devices {
		if d := &cfg.Devices[i]; d.Name == device {
			g.UnitID, traits.Labels = d.Unit(), d.Labels
		}
	}
	g.Series = []*mapping.Series{{Tag: mapping.EventTag, Field: "event", SeriesTraits: traits}}
	return mapping.NewGroup(g)
}
