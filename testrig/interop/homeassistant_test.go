//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
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

// TestHomeAssistantForgets takes a tag out of the map while the bridge is off, then discovery: a real broker has nothing retained of them
// any more soon after the next start, and still has what another program has retained.
func TestHomeAssistantForgets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := startMosquitto(t, dir, "allow_anonymous true")
	devices := movingDevice(t, dir)
	const stranger = "homeassistant/sensor/interop/other/config"
	out, err := exec.Command("mosquitto_pub", "-p", fmt.Sprint(m.watched), "-r", "-q", "1", "-t", stranger, "-m", `{"name":"other","device":{"name":"other"}}`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// retained has the bridge run until the broker holds, and no longer holds, messages about those tags.
	retained := func(what, sink string, there, gone []string) {
		t.Helper()
		b := run(t, dir, devices, cloud(m.port, "5", "mqtt", sink))
		await(t, what, func() bool {
			w := m.watchAt(0) // at QoS 0 what is retained comes first
			w.child.kill()
			known := w.configs(t)
			has := func(tag string) bool { return slices.Contains(known, "press-1 "+tag) }
			return slices.Contains(known, "other other") && !slices.ContainsFunc(there, func(tag string) bool { return !has(tag) }) && !slices.ContainsFunc(gone, has)
		})
		if err := b.terminate(t); err != nil {
			t.Errorf("tagbridge after SIGTERM: %v", err)
		}
	}
	retained("all tags", "discovery: homeassistant, retain: true", []string{"step", "integer", "_online"}, nil)
	shorter := strings.Builder{}
	for line := range strings.Lines(movingMap) {
		if !strings.HasPrefix(line, "integer,") {
			shorter.WriteString(line)
		}
	}
	writeFile(t, filepath.Join(dir, "moving.csv"), shorter.String())
	retained("one to be forgotten", "discovery: homeassistant, retain: true", []string{"step", "_online"}, []string{"integer"})
	retained("all under the new prefix, and none under the old one", "discovery: homeassistant, discovery_prefix: ha, retain: true", nil, []string{"step", "_online"})
	retained("all under the old prefix again", "discovery: homeassistant, retain: true", []string{"step", "_online"}, []string{"integer"})
	retained("all to be forgotten", "retain: true", nil, []string{"step", "integer", "_online"})
}

// configs are the device and name in each discovery message so far.
func (w *watcher) configs(t *testing.T) (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.seen {
		if !strings.HasPrefix(h.topic, "homeassistant/") || !strings.HasSuffix(h.topic, "/config") || h.payload == "" {
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
