package main

import (
	"bytes"
	"log/slog"
	"testing"
)

func TestJournalLinesHaveAPriorityAndNoTime(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newJournalHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}, "text")).With("device", "plc")
	log.Debug("seen")
	log.Info("polling")
	log.Warn("device offline", "err", "refused")
	log.Error("samples lost")
	want := "<7>msg=seen device=plc\n<6>msg=polling device=plc\n<4>msg=\"device offline\" device=plc err=refused\n<3>msg=\"samples lost\" device=plc\n"
	if out.String() != want {
		t.Errorf("logged\n%s, want\n%s", out.String(), want)
	}
}
