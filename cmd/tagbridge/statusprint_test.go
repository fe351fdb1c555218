package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestStatusOfAMember has what another member of a cluster reads be told from what is down.
func TestStatusOfAMember(t *testing.T) {
	var out bytes.Buffer
	p := statusPrinter{w: &out}
	p.connections([]lineSaid{
		{Line: "tcp://10.0.0.1:502", Elsewhere: true, ReadBy: "pc-b"},
		{Line: "tcp://10.0.0.2:502", Elsewhere: true},
		{Line: "tcp://10.0.0.3:502"},
		{Line: "tcp://10.0.0.4:502", Connected: true},
	})
	for i, want := range []string{"read by pc-b", "elsewhere", "down", "connected"} {
		if rows := strings.Split(strings.TrimSpace(out.String()), "\n")[1:]; !strings.Contains(rows[i], want) {
			t.Errorf("%q does not say %q", rows[i], want)
		}
	}
}
