package web

import (
	"fmt"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
)

// collector turns the snapshots of the bridge into metrics when they are asked for. What is in no table below is neither
// described nor collected, so that nothing can be in one of both only.
type collector struct{ bridge *bridge.Bridge }

var (
	perDevice = []string{"device"}
	perLine   = []string{"line"}
	perSink   = []string{"sink"}
	perAlarm  = []string{"device", "priority"}
)

var deviceMetrics = []metric[drivers.DeviceState]{
	counter("polls_total", "Polls of a device's tags that were completed.", perDevice,
		func(d *drivers.DeviceState, put put) { put(float64(d.Polls), d.Name) }),
	counter("polls_late_total", "Polls that were left out because the line was busy or the device slow.", perDevice,
		func(d *drivers.DeviceState, put put) { put(float64(d.Late), d.Name) }),
	counter("polls_missed_total", "Polls that were left out because the device was offline.", perDevice,
		func(d *drivers.DeviceState, put put) { put(float64(d.Missed), d.Name) }),
	counter("poll_errors_total", "Requests that were not answered as they should be, by kind.", []string{"device", "kind"},
		func(d *drivers.DeviceState, put put) {
			for kind, n := range d.Errors {
				put(float64(n), d.Name, kind.String())
			}
		}),
	histogram("request_seconds", "How long answered requests took.", perDevice,
		func(d *drivers.DeviceState) (distribution, []string) { return requests(&d.Requests), []string{d.Name} }),
	gauge("device_online", "1 when the device answers, 0 when it does not; nothing where another member of the cluster reads it.", perDevice,
		func(d *drivers.DeviceState, put put) {
			if d.State != drivers.Elsewhere {
				put(ratio(d.State == drivers.Online), d.Name)
			}
		}),
	counter("samples_total", "Samples read, by severity of their quality.", []string{"device", "quality"},
		func(d *drivers.DeviceState, put put) {
			put(float64(d.Good), d.Name, "good")
			put(float64(d.Uncertain), d.Name, "uncertain")
			put(float64(d.Bad), d.Name, "bad")
		}),
}

var lineMetrics = []metric[bridge.LineState]{
	gauge("line_connected", "1 when all connections of a line are there, 0 when one is not; nothing where another member of the cluster reads it.", perLine,
		func(l *bridge.LineState, put put) {
			if !l.Elsewhere {
				put(ratio(l.Connected), l.Name)
			}
		}),
	gauge("line_busy_ratio", "Share of its time that a connection spends in requests.", perLine,
		func(l *bridge.LineState, put put) { put(l.Busy, l.Name) }),
	gauge("line_planned_ratio", "The same as plan reckons it; 0 where it cannot.", perLine,
		func(l *bridge.LineState, put put) { put(l.Planned, l.Name) }),
	counter("line_busy_seconds_total", "Time that a connection has spent in requests.", perLine,
		func(l *bridge.LineState, put put) { put(l.BusyTotal.Seconds(), l.Name) }),
	counter("line_exchanges_total", "Requests that were sent on a connection, answered or not.", perLine,
		func(l *bridge.LineState, put put) { put(float64(l.Exchanges), l.Name) }),
	counter("line_opens_total", "Attempts to connect.", perLine,
		func(l *bridge.LineState, put put) { put(float64(l.Opens), l.Name) }),
	counter("line_unsent_samples_total", "Samples that were read and that the journal did not take: no sink gets them.", perLine,
		func(l *bridge.LineState, put put) { put(float64(l.Unsent), l.Name) }),
	gauge("line_overdue_seconds", "How long a connection has been stuck in a request beyond all limits; 0 when it is not.", perLine,
		func(l *bridge.LineState, put put) { put(l.Overdue.Seconds(), l.Name) }),
}

var sinkMetrics = []metric[bridge.SinkState]{
	counter("sink_delivered_total", "Samples acknowledged by a sink.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Delivered), s.Sink) }),
	counter("sink_present_total", "Present values that a sink acknowledged when it was new, had lost samples or asked for them, beside those delivered.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Present), s.Sink) }),
	counter("sink_rejected_total", "Samples refused by a sink, whether they are still kept aside or not.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Refused), s.Sink) }),
	counter("sink_inherited_total", "Samples that another member of the cluster left, and that a sink acknowledged here.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Inherited), s.Sink) }),
	counter("sink_inherited_rejected_total", "Samples that another member of the cluster left, and that a sink refused here.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.InheritedRefused), s.Sink) }),
	gauge("sink_rejected_samples", "Rejected samples that are still kept aside.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Rejected), s.Sink) }),
	counter("sink_resent_total", "Rejected samples that a sink acknowledged when they were sent again.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Resent), s.Sink) }),
	gauge("sink_set_aside_series", "Series of tags that a sink refused three times running: their samples are rejected untried, but for one after 10 s, and then ever more rarely, up to every 10 minutes.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.SetAside), s.Sink) }),
	counter("sink_lost_total", "Samples, among those dropped, that were gone from the journal before they could be sent.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Lost), s.Sink) }),
	counter("sink_retries_total", "Tries to deliver after the first one of what was sent.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.Retries), s.Sink) }),
	counter("sink_dropped_total", "Samples lost on the way to a sink, by reason.", []string{"sink", "reason"},
		func(s *bridge.SinkState, put put) {
			for reason, n := range s.Reasons {
				put(float64(n), s.Sink, reason)
			}
		}),
	gauge("sink_behind_samples", "Samples that a sink has not been delivered yet.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.BehindSamples), s.Sink) }),
	gauge("sink_behind_bytes", "The same in bytes of the journal.", perSink,
		func(s *bridge.SinkState, put put) { put(float64(s.BehindBytes), s.Sink) }),
	gauge("sink_behind_seconds", "Age of the oldest sample that a sink has not been delivered yet.", perSink,
		func(s *bridge.SinkState, put put) { put(s.BehindSeconds, s.Sink) }),
	gauge("sink_unacknowledged_seconds", "Age of the oldest sample that was sent and is not acknowledged; 0 when there is none.", perSink,
		func(s *bridge.SinkState, put put) { put(age(s.OldestUnack), s.Sink) }),
	gauge("sink_sending_seconds", "For how long what was sent has made no progress; 0 when nothing is under way.", perSink,
		func(s *bridge.SinkState, put put) { put(s.Sending.Seconds(), s.Sink) }),
	gauge("sink_connected", "1 when the sink took or refused what it was last sent, 0 when it was out of reach.", perSink,
		func(s *bridge.SinkState, put put) { put(ratio(s.Connected), s.Sink) }),
}

var bridgeMetrics = []metric[bridge.Bridge]{
	gauge("journal_bytes", "Size of the journal.", nil,
		func(b *bridge.Bridge, put put) { put(float64(b.Journal().Bytes)) }),
	histogram("journal_fsync_seconds", "How long syncing the journal to disk took.", nil,
		func(b *bridge.Bridge) (distribution, []string) { return fsyncs(b.Journal().Fsyncs), nil }),
	counter("reloads_total", "Reloads of the configuration, by result.", []string{"result"},
		func(b *bridge.Bridge, put put) {
			s := b.Reloads()
			put(float64(s.Applied), "applied")
			put(float64(s.Refused), "refused")
		}),
	gauge("build_info", "1; the labels say what runs.", []string{"version", "commit", "go"},
		func(b *bridge.Bridge, put put) {
			version, commit := b.Version()
			put(1, version, commit, runtime.Version())
		}),
}

var alarmMetrics = []metric[bridge.AlarmCount]{
	gauge("alarms_active", "Alarms that are active.", perAlarm,
		func(n *bridge.AlarmCount, put put) { put(float64(n.Active), n.Device, fmt.Sprint(n.Priority)) }),
	counter("alarm_changes_total", "How often an alarm was raised, has changed its level, or was over.", perAlarm,
		func(n *bridge.AlarmCount, put put) { put(float64(n.Changes), n.Device, fmt.Sprint(n.Priority)) }),
}

var reckonedMetrics = []metric[bridge.ReckonCounts]{
	counter("reckoned_late_total", "Values that came too late for the windows and totals of a device.", perDevice,
		func(c *bridge.ReckonCounts, put put) { put(float64(c.Late), c.Device) }),
	counter("reckoned_gaps_total", "Times without a value for which totals of a device added nothing.", perDevice,
		func(c *bridge.ReckonCounts, put put) { put(float64(c.Gaps), c.Device) }),
	counter("reckoned_rollovers_total", "Times that a counter of a total rolled over.", perDevice,
		func(c *bridge.ReckonCounts, put put) { put(float64(c.Rollovers), c.Device) }),
	counter("reckoned_resets_total", "Times that a counter of a total began anew.", perDevice,
		func(c *bridge.ReckonCounts, put put) { put(float64(c.Resets), c.Device) }),
	counter("reckoned_replaced_total", "Times that a counter of a total was another one.", perDevice,
		func(c *bridge.ReckonCounts, put put) { put(float64(c.Replaced), c.Device) }),
	counter("reckoned_glitches_total", "Readings of a counter of a total that were none of its own.", perDevice,
		func(c *bridge.ReckonCounts, put put) { put(float64(c.Glitches), c.Device) }),
}

var reckonerMetrics = []metric[bridge.ReckonState]{
	gauge("reckoner_tags", "Windows, totals and alarms that are reckoned.", nil,
		func(s *bridge.ReckonState, put put) { put(float64(s.Tags)) }),
	gauge("reckoner_behind_samples", "Samples of the journal that windows, totals and alarms have still to count.", nil,
		func(s *bridge.ReckonState, put put) { put(float64(s.Behind)) }),
	counter("reckoner_lost_samples_total", "Samples that the journal lost before windows, totals and alarms had counted them.", nil,
		func(s *bridge.ReckonState, put put) { put(float64(s.Lost)) }),
	gauge("reckoner_state_bytes", "Size of the state of windows, totals and alarms that was kept last.", nil,
		func(s *bridge.ReckonState, put put) { put(float64(s.Bytes)) }),
	gauge("reckoner_state_failing", "1 while that state cannot be written to the disk.", nil,
		func(s *bridge.ReckonState, put put) { put(ratio(s.Error != "")) }),
}

// newRegistry holds the bridge's metrics and those of the process and the Go runtime.
func newRegistry(b *bridge.Bridge) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collector{b},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return r
}

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, deviceMetrics)
	describe(ch, lineMetrics)
	describe(ch, sinkMetrics)
	describe(ch, alarmMetrics)
	describe(ch, reckonedMetrics)
	describe(ch, reckonerMetrics)
	describe(ch, bridgeMetrics)
	describe(ch, clusterMetrics)
	describe(ch, copyMetrics)
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	collect(ch, deviceMetrics, c.bridge.Devices())
	collect(ch, lineMetrics, c.bridge.Lines())
	collect(ch, sinkMetrics, c.bridge.Sinks())
	collect(ch, alarmMetrics, c.bridge.AlarmCounts())
	collect(ch, reckonedMetrics, c.bridge.ReckonCounts())
	collect(ch, reckonerMetrics, []bridge.ReckonState{c.bridge.Reckoning()})
	if s, _, ok := c.bridge.Shared(); ok {
		collect(ch, clusterMetrics, []bridge.ShareState{s})
	}
	if s, ok := c.bridge.Copied(); ok {
		collect(ch, copyMetrics, []bridge.CopyState{s})
	}
	for i := range bridgeMetrics {
		bridgeMetrics[i].collect(ch, c.bridge)
	}
}

// age is how long ago t was, in seconds; 0 when it is zero.
func age(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(0, time.Since(t).Seconds())
}

func ratio(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
