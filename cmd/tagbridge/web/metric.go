package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
)

// metric is a metric of every T: what describes it, and how its values are read.
type metric[T any] struct {
	desc    *prometheus.Desc
	kind    string // counter, gauge or histogram
	collect func(ch chan<- prometheus.Metric, of *T)
}

// put takes one value, with one for each label.
type put func(value float64, labels ...string)

func counter[T any](name, help string, labels []string, read func(*T, put)) metric[T] {
	return plainMetric(prometheus.CounterValue, "counter", name, help, labels, read)
}

func gauge[T any](name, help string, labels []string, read func(*T, put)) metric[T] {
	return plainMetric(prometheus.GaugeValue, "gauge", name, help, labels, read)
}

func plainMetric[T any](of prometheus.ValueType, kind, name, help string, labels []string, read func(*T, put)) metric[T] {
	d := desc(name, help, labels)
	return metric[T]{d, kind, func(ch chan<- prometheus.Metric, t *T) {
		read(t, func(value float64, labels ...string) { ch <- prometheus.MustNewConstMetric(d, of, value, labels...) })
	}}
}

// distribution is what a histogram shows: how many there were up to each bound, in seconds.
type distribution struct {
	total   uint64
	sum     time.Duration
	buckets map[float64]uint64
}

// histogram is of what read returns, with a value for each label.
func histogram[T any](name, help string, labels []string, read func(*T) (distribution, []string)) metric[T] {
	d := desc(name, help, labels)
	return metric[T]{d, "histogram", func(ch chan<- prometheus.Metric, of *T) {
		h, values := read(of)
		ch <- prometheus.MustNewConstHistogram(d, h.total, h.sum.Seconds(), h.buckets, values...)
	}}
}

func desc(name, help string, labels []string) *prometheus.Desc {
	return prometheus.NewDesc("tagbridge_"+name, help, labels, nil)
}

func describe[T any](ch chan<- *prometheus.Desc, table []metric[T]) {
	for i := range table {
		ch <- table[i].desc
	}
}

func collect[T any](ch chan<- prometheus.Metric, table []metric[T], all []T) {
	for i := range table {
		for k := range all {
			table[i].collect(ch, &all[k])
		}
	}
}

// requests is how long requests took.
func requests(h *drivers.Histogram) distribution {
	d := distribution{sum: h.Sum, buckets: make(map[float64]uint64, len(drivers.RequestBuckets))}
	for i, bound := range drivers.RequestBuckets {
		d.total += h.Counts[i]
		d.buckets[bound.Seconds()] = d.total
	}
	d.total += h.Counts[len(drivers.RequestBuckets)]
	return d
}

// fsyncs is how long syncs of the journal took.
func fsyncs(t bridge.FsyncTimes) distribution {
	d := distribution{total: t.Total, sum: t.Sum, buckets: make(map[float64]uint64, len(bridge.FsyncBuckets))}
	for i, bound := range bridge.FsyncBuckets {
		d.buckets[bound.Seconds()] = t.Counts[i]
	}
	return d
}
