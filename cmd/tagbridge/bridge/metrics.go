package bridge

import (
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tagbridge/drivers"
)

// collector turns the snapshots of lanes, forwarders and journal into metrics when they are asked for: counting costs
// the poll path nothing beyond the counters that lanes keep anyway.
type collector struct{ b *Bridge }

var (
	perDevice = []string{"device"}
	perSink   = []string{"sink"}

	descPolls       = desc("polls_total", "Polls of a device's tags that were completed.", perDevice...)
	descLate        = desc("polls_late_total", "Polls that were left out because the line was busy or the device slow.", perDevice...)
	descErrors      = desc("poll_errors_total", "Requests that were not answered as they should be, by kind.", "device", "kind")
	descRequest     = desc("request_seconds", "How long answered requests took.", perDevice...)
	descOnline      = desc("device_online", "1 when the device answers, 0 when it does not.", perDevice...)
	descSamples     = desc("samples_total", "Samples read, by severity of their quality.", "device", "quality")
	descBusy        = desc("line_busy_ratio", "Share of its time that a connection spends in requests.", "line")
	descPlanned     = desc("line_planned_ratio", "The same as plan reckons it; 0 where it cannot.", "line")
	descDelivered   = desc("sink_delivered_total", "Samples acknowledged by a sink.", perSink...)
	descRejected    = desc("sink_rejected_total", "Samples refused by a sink, whether they are still kept aside or not.", perSink...)
	descDropped     = desc("sink_dropped_total", "Samples lost on the way to a sink, by reason.", "sink", "reason")
	descBehind      = desc("sink_behind_samples", "Samples that a sink has not been delivered yet.", perSink...)
	descBehindBytes = desc("sink_behind_bytes", "The same in bytes of the journal.", perSink...)
	descBehindAge   = desc("sink_behind_seconds", "Age of the oldest sample that a sink has not been delivered yet.", perSink...)
	descConnected   = desc("sink_connected", "1 when the sink took or refused what it was last sent, 0 when it was out of reach.", perSink...)
	descJournal     = desc("journal_bytes", "Size of the journal.")
	descFsync       = desc("journal_fsync_seconds", "How long syncing the journal to disk took.")
	descReloads     = desc("reloads_total", "Reloads of the configuration, by result.", "result")
	descBuild       = desc("build_info", "1; the labels say what runs.", "version", "commit", "go")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tagbridge_"+name, help, labels, nil)
}

// newRegistry holds the bridge's metrics and those of the process and the Go runtime.
func newRegistry(b *Bridge) *prometheus.Registry {
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
	for _, d := range []*prometheus.Desc{
		descPolls, descLate, descErrors, descRequest, descOnline, descSamples, descBusy, descPlanned, descDelivered, descRejected,
		descDropped, descBehind, descBehindBytes, descBehindAge, descConnected, descJournal, descFsync, descReloads, descBuild,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	e := emitter{ch}
	for _, l := range c.b.now.Load().lines {
		e.line(l)
	}
	for _, l := range c.b.now.Load().lineStates() {
		e.gauge(descBusy, l.Busy, l.Line)
		e.gauge(descPlanned, l.Planned, l.Line)
	}
	for _, s := range c.b.sinkStates() {
		e.sink(s)
	}
	e.gauge(descJournal, float64(c.b.journal.Bytes()))
	c.b.fsyncs.collect(ch)
	state := c.b.reloads.state()
	e.count(descReloads, state.Applied, "applied")
	e.count(descReloads, state.Refused, "refused")
	e.gauge(descBuild, 1, c.b.o.Version, c.b.o.Commit, runtime.Version())
}

type emitter struct{ ch chan<- prometheus.Metric }

func (e emitter) count(d *prometheus.Desc, v uint64, labels ...string) {
	e.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func (e emitter) gauge(d *prometheus.Desc, v float64, labels ...string) {
	e.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (e emitter) line(l *line) {
	for _, d := range l.lane.Devices() {
		e.count(descPolls, d.Polls, d.Name)
		e.count(descLate, d.Late, d.Name)
		e.count(descSamples, d.Good, d.Name, "good")
		e.count(descSamples, d.Uncertain, d.Name, "uncertain")
		e.count(descSamples, d.Bad, d.Name, "bad")
		e.gauge(descOnline, ratio(d.State == drivers.Online), d.Name)
		for kind, n := range d.Errors {
			e.count(descErrors, n, d.Name, kind.String())
		}
		e.histogram(descRequest, &d.Requests, d.Name)
	}
}

func (e emitter) histogram(d *prometheus.Desc, h *drivers.Histogram, labels ...string) {
	buckets := make(map[float64]uint64, len(drivers.RequestBuckets))
	total := uint64(0)
	for i, bound := range drivers.RequestBuckets {
		total += h.Counts[i]
		buckets[bound.Seconds()] = total
	}
	total += h.Counts[len(drivers.RequestBuckets)]
	e.ch <- prometheus.MustNewConstHistogram(d, total, h.Sum.Seconds(), buckets, labels...)
}

func (e emitter) sink(s sinkState) {
	e.count(descDelivered, s.Delivered, s.Sink)
	e.count(descRejected, s.refused, s.Sink)
	for reason, n := range s.reasons {
		e.count(descDropped, n, s.Sink, reason)
	}
	e.gauge(descBehind, float64(s.BehindSamples), s.Sink)
	e.gauge(descBehindBytes, float64(s.BehindBytes), s.Sink)
	e.gauge(descBehindAge, s.BehindSeconds, s.Sink)
	e.gauge(descConnected, ratio(s.Connected), s.Sink)
}

func ratio(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// fsyncTimes counts how long syncs of the journal took.
type fsyncTimes struct {
	mu     sync.Mutex
	counts [len(fsyncBuckets)]uint64
	total  uint64
	sum    time.Duration
}

var fsyncBuckets = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second,
}

func (f *fsyncTimes) observe(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total++
	f.sum += d
	for i, bound := range fsyncBuckets {
		if d <= bound {
			f.counts[i]++
		}
	}
}

func (f *fsyncTimes) collect(ch chan<- prometheus.Metric) {
	f.mu.Lock()
	defer f.mu.Unlock()
	buckets := make(map[float64]uint64, len(fsyncBuckets))
	for i, bound := range fsyncBuckets {
		buckets[bound.Seconds()] = f.counts[i]
	}
	ch <- prometheus.MustNewConstHistogram(descFsync, f.total, f.sum.Seconds(), buckets)
}
