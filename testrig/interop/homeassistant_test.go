//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestHomeAssistant has Home Assistant be told of all tags through a real broker, retained; when it says that it has begun to
// listen, they are told again.
func TestHomeAssistant(t *testing.T) {
	protocols(t, func(t *testing.T, version string) {
		dir := t.TempDir()
		m := startMosquitto(t, dir, "allow_anonymous true")
		b := run(t, dir, movingDevice(t, dir), cloud(m.port, version, "mqtt", "discovery: homeassistant, retain: true"))
		await(t, "ten polls", func() bool { return b.steps() >= 10 })
		w := m.watch() // it gets what is retained
		await(t, "a message for each tag", func() bool {
			known := w.configs(t)
			return !slices.ContainsFunc(ofTags(b.samples()), func(s sample) bool { return !slices.Contains(known, "press-1 "+s.Tag) })
		})
		before := len(w.configs(t))
		out, err := exec.Command("mosquitto_pub", "-p", fmt.Sprint(m.watched), "-t", "homeassistant/status", "-m", "online").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		await(t, "all again", func() bool { return len(w.configs(t)) >= 2*before })
		b.stop()
	})
}

// configs are the device and name in each discovery message so far.
func (w *watcher) configs(t *testing.T) (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.seen {
		if !strings.HasPrefix(h.topic, "homeassistant/") || !strings.HasSuffix(h.topic, "/config") {
			continue
		}
		var c struct {
			Name   string `json:"name"`
			Device struct {
				Name string `json:"name"`
			} `json:"device"`
		}
		if err := json.Unmarshal([]byte(h.payload), &c); err != nil {
			t.Fatalf("%s: %v", h.payload, err)
		}
		all = append(all, c.Device.Name+" "+c.Name)
	}
	return all
}
