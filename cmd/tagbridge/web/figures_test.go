package web

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig"
)

// What of the states is not in the API, or not in the metrics, and why.
var (
	notInDevices = map[string]string{
		"Errors": "by kind in poll_errors_total", "Requests.Counts": "in request_seconds", "Requests.Sum": "in request_seconds",
		"Good": "in samples_total", "Uncertain": "in samples_total", "Bad": "in samples_total",
		"Polls": "of this process; Counts has more", "Late": "likewise", "Missed": "likewise", "Began": "of use only to those who count",
	}
	notInDeviceMetrics = map[string]string{
		"Driver": "no figure", "URL": "no figure", "UnitID": "no figure", "Since": "no figure", "Error": "no figure", "ReadBy": "no figure",
		"Began": "no figure", "Latency": "in request_seconds", "Tags": "the configuration's", "BadTags": "in samples_total, and by tag in the API",
	}
	notInLineMetrics = map[string]string{
		"SlowDown": "advice", "LineState.ReadBy": "no figure",
	}
	notInSinks = map[string]string{
		"Stats.Delivered": "of this process; Ever has more", "Rejected": "likewise", "Refused": "likewise", "Dropped": "likewise",
		"Reasons":        "likewise",
		"Stats.Rejected": "Refused is the same", "Stats.Dropped": "among Reasons", "Stats.Behind": "the journal counts exactly",
	}
	notInTags = map[string]string{
		"Sample.Bits": "shown by its kind", "Sample.Flags": "the encoders'", "Sample.Index": "which series it is", "Text": "shown by its kind",
	}
	notInSinkMetrics = map[string]string{
		"Type": "no figure", "Stats.Error": "no figure", "Stats.Position": "of use only beside others of the same journal",
		"Stats.Rejected": "Refused is the same", "Stats.Dropped": "among Reasons", "Stats.Behind": "the journal counts exactly",
		"Ever.Since": "counters of metrics are those of the process", "Ever.Delivered": "likewise", "Ever.Refused": "likewise",
		"Ever.Rejected": "likewise", "Ever.Dropped": "likewise", "Ever.Reasons": "likewise",
		"Kept": "in the API: the metrics count what only grows", "Resending": "no figure",
		"Dropped": "the sum of Reasons", "DrainSeconds": "null at times; from sink_behind_samples and sink_delivered_total",
	}
)

// TestEveryFigureIsShown fails when a field is added to what the bridge shows of itself, and it is in no list and no metric.
func TestEveryFigureIsShown(t *testing.T) {
	var d drivers.DeviceState
	shows(t, "/api/v1/devices", &d, notInDevices, func() string { return asJSON(t, deviceOf(&d, bridge.Counts{})) })
	var n bridge.Counts
	shows(t, "/api/v1/devices", &n, nil, func() string { return asJSON(t, deviceOf(&d, n)) })
	shows(t, "the metrics of devices", &d, notInDeviceMetrics, func() string { return asMetrics(t, deviceMetrics, &d) })
	var l bridge.LineState
	shows(t, "/api/v1/lines", &l, nil, func() string { return asJSON(t, lineOf(&l)) })
	shows(t, "the metrics of lines", &l, notInLineMetrics, func() string { return asMetrics(t, lineMetrics, &l) })
	var s bridge.SinkState
	shows(t, "/api/v1/sinks", &s, notInSinks, func() string { return asJSON(t, sinkOf(&s)) })
	shows(t, "the metrics of sinks", &s, notInSinkMetrics, func() string { return asMetrics(t, sinkMetrics, &s) })
	tag := drivers.TagState{Group: &mapping.Group{}, Series: &mapping.Series{SeriesTraits: &mapping.SeriesTraits{}}}
	shows(t, "/api/v1/tags", &tag, notInTags, func() string { return asJSON(t, tagOf(&tag, nil)) })
	var r bridge.ReloadState
	shows(t, "/api/v1/configuration", &r, nil, func() string { return asJSON(t, configurationOf("", r)) })
}

// shows wants each field of the state to make a difference to what render returns, but for those that are excused.
func shows[T any](t *testing.T, where string, state *T, excused map[string]string, render func() string) {
	t.Helper()
	without := render()
	found := map[string]bool{}
	testrig.EachField(t, state, func(name string) {
		found[name] = true
		switch shown := render() != without; {
		case !shown && excused[name] == "":
			t.Errorf("%s does not show %T.%s", where, *state, name)
		case shown && excused[name] != "":
			t.Errorf("%s shows %T.%s, which is excused: %s", where, *state, name, excused[name])
		}
	})
	for name := range excused {
		if !found[name] {
			t.Errorf("%T has no field %s to be excused", *state, name)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// only is a collector of one thing.
type only[T any] struct {
	table []metric[T]
	of    *T
}

func (o only[T]) Describe(ch chan<- *prometheus.Desc) { describe(ch, o.table) }

func (o only[T]) Collect(ch chan<- prometheus.Metric) { collect(ch, o.table, []T{*o.of}) }

// asMetrics is what the table collects of v.
func asMetrics[T any](t *testing.T, table []metric[T], v *T) string {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(only[T]{table, v})
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(families)
}
