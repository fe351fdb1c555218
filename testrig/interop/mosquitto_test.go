//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// mosquitto is a real broker with two listeners: a plain one for whoever watches, and the one that is tested.
type mosquitto struct {
	*child
	t             *testing.T
	config        string
	watched, port int // of the plain listener, and of the tested one
}

// startMosquitto starts a broker whose second listener has the options given, one a line.
func startMosquitto(t *testing.T, dir, options string) *mosquitto {
	t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto" // where Debian has it, which is not in everybody's PATH
		_, err = os.Stat(path)
	}
	need(t, "mosquitto", err)
	m := &mosquitto{t: t, config: filepath.Join(dir, "mosquitto.conf"), watched: freePort(t), port: freePort(t)}
	user := ""
	if os.Getuid() == 0 {
		user = "user root\n" // else it could not read what the test has written
	}
	writeFile(t, m.config, fmt.Sprintf(
		"%sper_listener_settings true\nset_tcp_nodelay true\nlistener %d 127.0.0.1\nallow_anonymous true\nlistener %d 127.0.0.1\n%s\n",
		user, m.watched, m.port, options))
	m.start(path)
	return m
}

// start starts the broker, again after it has ended.
func (m *mosquitto) start(path string) {
	m.t.Helper()
	m.child = launch(m.t, exec.Command(path, "-c", m.config))
	await(m.t, "the broker", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", m.watched))
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
}

// again starts the broker with the same configuration.
func (m *mosquitto) again() { m.start(m.cmd.Path) }

// signal sends the broker a signal.
func (m *mosquitto) signal(s syscall.Signal) {
	m.t.Helper()
	if err := m.cmd.Process.Signal(s); err != nil {
		m.t.Fatal(err)
	}
}

// watcher is a mosquitto_sub that hears everything.
type watcher struct {
	child *child
	mu    sync.Mutex
	seen  []heard
}

type heard struct{ topic, payload string }

// watch subscribes to everything and returns once the broker has taken that.
func (m *mosquitto) watch() *watcher {
	m.t.Helper()
	return m.watchAt(1)
}

// watchAt is watch at that quality of service.
func (m *mosquitto) watchAt(qos int) *watcher {
	m.t.Helper()
	_, err := exec.LookPath("mosquitto_sub")
	need(m.t, "mosquitto_sub", err)
	cmd := exec.Command("mosquitto_sub", "-p", fmt.Sprint(m.watched), "-q", fmt.Sprint(qos), "-t", "#", "-F", "%t\t%p")
	out, err := cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	w := &watcher{}
	w.child = launch(m.t, cmd)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			topic, payload, _ := strings.Cut(lines.Text(), "\t")
			w.mu.Lock()
			w.seen = append(w.seen, heard{topic, payload})
			w.mu.Unlock()
		}
	}()
	await(m.t, "the subscription", func() bool {
		exec.Command("mosquitto_pub", "-p", fmt.Sprint(m.watched), "-t", "plant/_probe", "-m", "x").Run()
		return len(w.on("plant/_probe")) > 0
	})
	return w
}

// on are the payloads of one topic so far, in order; "": of all.
func (w *watcher) on(topic string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, h := range w.seen {
		if topic == "" || h.topic == topic {
			out = append(out, h.payload)
		}
	}
	return out
}

// key tells a sample from all others.
func (s *sample) key() string { return fmt.Sprintf("%s/%s %d", s.Device, s.Tag, s.Time.UnixNano()) }

// samples are all that came as JSON, by key, and the keys in order.
func (w *watcher) samples(t *testing.T) (map[string]sample, []string) {
	t.Helper()
	byKey := map[string]sample{}
	var order []string
	for _, p := range w.on("") {
		if !strings.HasPrefix(p, "{") {
			continue
		}
		var s sample
		if err := json.Unmarshal([]byte(p), &s); err != nil {
			t.Fatalf("payload %s: %v", p, err)
		}
		byKey[s.key()] = s
		order = append(order, s.key())
	}
	return byKey, order
}

// ofTags are those of samples that were read. Of the bridge's own, each sink that is new is told at a time of its own.
func ofTags(samples []sample) []sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return s.own() })
}

// wantAll wants every sample that was read to have been heard, as it was read.
func (w *watcher) wantAll(t *testing.T, read []sample, but ...string) {
	t.Helper()
	read = ofTags(read)
	await(t, "the last value", func() bool {
		got, _ := w.samples(t)
		for i := range read {
			if _, ok := got[read[i].key()]; !ok && !slices.Contains(but, read[i].Tag) {
				return false
			}
		}
		return true
	})
	got, _ := w.samples(t)
	for i := range read {
		g, ok := got[read[i].key()]
		if ok && (string(g.Value) != string(read[i].Value) || g.Quality != read[i].Quality || g.Text != read[i].Text) {
			t.Errorf("heard %+v, read %+v", g, read[i])
		}
		if ok && slices.Contains(but, read[i].Tag) {
			t.Fatalf("%s was heard", read[i].Tag)
		}
	}
}

// awaitLog waits until the bridge has logged text.
func (b *bridge) awaitLog(text string) {
	b.t.Helper()
	await(b.t, "the log to say "+text, func() bool { return strings.Contains(b.stderr.tail(1<<20), text) })
}

// logged is how often the bridge has logged text about the tested sink.
func (b *bridge) logged(text string) int {
	n := 0
	for line := range strings.Lines(b.stderr.tail(1 << 20)) {
		if strings.Contains(line, text) && strings.Contains(line, "sink=cloud") {
			n++
		}
	}
	return n
}
