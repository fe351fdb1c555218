package main

import (
	"testing"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster/heir"
	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/sinks"
)

// TestShareRest counts what waits, also where positions are those of a clock or a disk that lies.
func TestShareRest(t *testing.T) {
	missing := []replica.Missing{{Span: sinks.Span{From: 5, To: 9}}, {Span: sinks.Span{From: 20, To: 10}}}
	for name, c := range map[string]struct {
		of   heir.Rest
		want bridge.ShareRest
	}{
		"some are copied": {heir.Rest{Position: 100, Copied: 150, End: 160, Missing: missing}, bridge.ShareRest{Waits: 60, Copied: 50, Missing: 4}},
		"none is left":    {heir.Rest{Position: 160, Copied: 160, End: 160}, bridge.ShareRest{}},
		"end not known":   {heir.Rest{Position: 160}, bridge.ShareRest{}},
		"more than all":   {heir.Rest{Position: 100, Copied: 1 << 60, End: 120}, bridge.ShareRest{Waits: 20, Copied: 20}},
		"beyond the end":  {heir.Rest{Position: 500, Copied: 100, End: 160}, bridge.ShareRest{}},
	} {
		if got := shareRest(&c.of); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
