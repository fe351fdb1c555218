package events

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestRecordIsAnEvent(t *testing.T) {
	var out lockedLog
	s := Open(Options{Dir: t.TempDir()})
	log := slog.New(NewHandler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}), s))
	lane := log.With("endpoint", "tcp://x")
	lane.Warn("device offline", "device", "plc", "err", errors.New("no answer"), "event", DeviceOffline, "heard", []time.Time{noon})
	lane.Info("device online", "device", "plc", "outage", 35*time.Second, "missed", 7, "event", "device-online")
	log.With("sink", "db").Info("sink is quick", "how", 2, "event", "sink-online")
	lane.Warn("devices offline, as the connection is down", "devices", 2, "names", "a, b", "err", errors.New("refused"), "event", DeviceOffline, "of", []string{"a", "b"},
		"heard", []time.Time{{}, noon})
	log.Info("nothing of interest", "other", "event")
	log.Warn("no event")
	want := []Event{
		{Kind: DeviceOffline, Device: "plc", Text: "the device is not read any more: no answer", Heard: noon},
		{Kind: DeviceOnline, Device: "plc", Text: "the device is read again after 35s; 7 polls were left out", Since: s.queue[0].Time},
		{Kind: SinkOnline, Sink: "db", Text: "sink is quick: how 2"},
		{Kind: DeviceOffline, Device: "a", Text: "the device is not read any more, as its connection is down: refused"},
		{Kind: DeviceOffline, Device: "b", Text: "the device is not read any more, as its connection is down: refused", Heard: noon},
	}
	if len(s.queue) != len(want) {
		t.Fatalf("%d events: %+v", len(s.queue), s.queue)
	}
	for i, e := range s.queue {
		if time.Since(e.Time) > 10*time.Minute {
			t.Errorf("event %d is of %v", i, e.Time)
		}
		if e.Time = (time.Time{}); e != want[i] {
			t.Errorf("event %d is %+v, want %+v", i, e, want[i])
		}
	}
	text := out.String()
	if strings.Contains(text, "event=") || strings.Contains(text, "of=") || strings.Contains(text, "heard=") || strings.Contains(text, "device online") {
		t.Errorf("the log has:\n%s", text)
	}
	for _, line := range []string{`msg="device offline" endpoint=tcp://x device=plc err="no answer"`, `msg="no event"`, `names="a, b"`} {
		if !strings.Contains(text, line) {
			t.Errorf("the log has no %s:\n%s", line, text)
		}
	}
}
