package web

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// list gets a list of objects and wants each to have the keys, whatever else it has.
func (b *running) list(path string, keys ...string) []map[string]any {
	b.t.Helper()
	status, body := b.get(path)
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK {
		b.t.Fatalf("%s: status %d, %v in %s", path, status, err, body)
	}
	for _, item := range list {
		for _, key := range keys {
			if _, ok := item[key]; !ok {
				b.t.Errorf("%s: no %q in %v", path, key, item)
			}
		}
	}
	return list
}

func TestLists(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags+"spare,40200,,,\n")
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	unit.Inject(plc.Fault{Kind: plc.Exception, Code: 2, Function: 3, First: 199, Count: 1})
	if err := unit.SetBits(r.load().Devices[0].Tags[0], 0x02C1); err != nil {
		t.Fatal(err)
	}
	r.plant(addr, "")
	b := r.run()
	b.await("a poll", func() bool { return b.bridge.Devices()[0].Polls > 1 && b.bridge.Sinks()[0].Delivered > 0 })

	devices := b.list("/api/v1/devices", "device", "driver", "url", "online", "since", "error", "polls", "late", "latency_ms", "tags", "bad_tags")
	if d := devices[0]; d["device"] != "plc" || d["online"] != true || d["tags"] != 4.0 || d["bad_tags"] != 1.0 || d["url"] != "tcp://"+addr {
		t.Errorf("device %v", d)
	}
	tags := b.list("/api/v1/tags?device=plc&match=*/temp", "device", "tag", "value", "quality", "time", "raw", "unit", "error")
	if len(tags) != 1 || tags[0]["value"] != 70.5 || tags[0]["raw"] != "02c1" || tags[0]["unit"] != "°C" || tags[0]["quality"] != "Good" {
		t.Errorf("tags %v", tags)
	}
	spare := b.list("/api/v1/tags?match=plc/spare")
	if len(spare) != 1 || spare[0]["value"] != nil || spare[0]["quality"] != "BadConfigurationError" || !strings.Contains(spare[0]["error"].(string), "exception 2") {
		t.Errorf("refused tag %v", spare)
	}
	if all := b.list("/api/v1/tags"); len(all) != 4 {
		t.Errorf("%d tags, want 4", len(all))
	}
	if bad := b.list("/api/v1/tags?quality=bad"); len(bad) != 1 || bad[0]["tag"] != "spare" {
		t.Errorf("bad tags %v", bad)
	}
	if good := b.list("/api/v1/tags?quality=Good&match=t*"); len(good) != 1 || good[0]["tag"] != "temp" {
		t.Errorf("good tags that begin with t: %v", good)
	}
	if rest := b.list("/api/v1/tags?quality=not-good"); len(rest) != 1 {
		t.Errorf("tags that are not good: %v", rest)
	}
	sinks := b.list("/api/v1/sinks", "sink", "type", "connected", "delivered", "rejected", "dropped", "behind_samples", "behind_bytes", "behind_seconds", "error")
	if s := sinks[0]; s["sink"] != "db" || s["type"] != "influxdb" || s["connected"] != true || s["delivered"] == 0.0 {
		t.Errorf("sink %v", s)
	}
}

func TestTagsBeforeTheFirstAttempt(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	b, err := bridge.Open(r.load(), bridge.Options{Log: discard()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for tag := range b.Tags() {
		if got := tagOf(&tag, nil); got.Quality != mapping.BadWaitingForInitialData.String() || string(got.Value) != "null" || got.Time != nil {
			t.Errorf("%+v", got)
		}
	}
}

func TestHealthAndMetrics(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("127.0.0.1:1", "")
	b := r.run()
	b.await("the device to be tried", func() bool {
		for tag := range b.bridge.Tags() {
			if tag.Sample.Quality != mapping.BadNotConnected {
				return false
			}
		}
		return true
	})
	if status, _ := b.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: status %d", status)
	}
	status, body := b.get("/readyz")
	if status != http.StatusOK || !strings.Contains(body, `"plc":"connection refused`) || !strings.Contains(body, `"journal":""`) {
		t.Errorf("/readyz: status %d, %s", status, body)
	}
	_, metrics := b.get("/metrics")
	for _, name := range []string{
		"polls_total", "polls_late_total", "poll_errors_total", "request_seconds", "device_online", "samples_total",
		"line_busy_ratio", "sink_delivered_total", "sink_rejected_total", "sink_dropped_total", "sink_behind_samples",
		"sink_behind_bytes", "sink_behind_seconds", "journal_bytes", "journal_fsync_seconds", "reloads_total", "build_info",
	} {
		if !slices.ContainsFunc(strings.Split(metrics, "\n"), func(line string) bool {
			return strings.HasPrefix(line, "tagbridge_"+name+"{") || strings.HasPrefix(line, "tagbridge_"+name+" ") ||
				strings.HasPrefix(line, "tagbridge_"+name+"_bucket{")
		}) {
			t.Errorf("no metric tagbridge_%s", name)
		}
	}
	if status, body := b.get("/"); status != http.StatusOK || !strings.Contains(body, "/api/v1/tags") {
		t.Errorf("/: status %d, %s", status, body)
	}
	if status, _ := b.get("/api/v1/tags/"); status != http.StatusNotFound {
		t.Errorf("an unknown path: status %d", status)
	}
}

// gone is a client that has closed its connection.
type gone struct{ http.ResponseWriter }

func (gone) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestAClientThatLeavesIsNoError(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "one", Help: "One."}))
	var log strings.Builder
	s := newPages(nil, registry, slog.New(slog.NewTextHandler(&log, nil)))
	s.metrics.ServeHTTP(gone{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if log.Len() > 0 {
		t.Errorf("logged %s", &log)
	}
}
