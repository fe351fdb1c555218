//go:build interop

package interop

import (
	"strings"
	"testing"
)

// TestTwinClients has two bridges connect with one client_id: a broker throws out the older one each time. Each says what may be the
// matter, and they do not fight for it.
func TestTwinClients(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, version string) {
		dir := t.TempDir()
		m := startMosquitto(t, dir, "allow_anonymous true")
		var twins [2]*bridge
		for i := range twins {
			dir := t.TempDir()
			twins[i] = run(t, dir, presses(t, 1), cloud(m.port, version, "mqtt", "client_id: twin"))
		}
		await(t, "one of them to ask", func() bool {
			return twins[0].logged("does another client use client_id twin?")+twins[1].logged("does another client use client_id twin?") > 0
		})
		connected := strings.Count(m.stderr.tail(1<<20), "already connected, closing old connection")
		if connected > 8 {
			t.Errorf("they threw each other out %d times before", connected)
		}
	})
}
