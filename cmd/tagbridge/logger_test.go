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

// A pulled adapter is no warning of a library's besides our own.
func TestWhatLibrariesPrint(t *testing.T) {
	var out bytes.Buffer
	l := libraryLog{slog.New(newJournalHandler(&out, &slog.HandlerOptions{}, "text"))}
	for _, line := range []string{"serial: could not restore setting: input/output error\n", "something odd\n"} {
		if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("Write = %d, %v, want %d", n, err, len(line))
		}
	}
	if want := "<4>msg=\"something odd\"\n"; out.String() != want {
		t.Errorf("logged %q, want %q", out.String(), want)
	}
}
