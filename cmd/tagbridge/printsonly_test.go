package main

import (
	"testing"

	"tagbridge/mapping/config"
)

func TestPrintsOnly(t *testing.T) {
	screen := config.Sink{Type: "file"}
	screen.FileOut.Path = "-"
	file := config.Sink{Type: "file"}
	file.FileOut.Path = "out.json"
	for _, c := range []struct {
		sinks []config.Sink
		want  bool
	}{
		{[]config.Sink{screen}, true}, {[]config.Sink{screen, screen}, true},
		{[]config.Sink{screen, file}, false}, {[]config.Sink{{Type: "mqtt"}}, false},
	} {
		if got := printsOnly(&config.Config{Sinks: c.sinks}); got != c.want {
			t.Errorf("printsOnly(%+v) = %v", c.sinks, got)
		}
	}
}
