package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// patienceOfTests is how long a test waits for what must happen; it only ever runs out when something is wrong.
const patienceOfTests = 2 * time.Minute

const threeTags = "tag,address,type,scale,unit\ntemp,40001,int16,0.1,°C\npower,40003,float32,,kW\ndoor,10001,,,\n"

// rig is a folder with a configuration, a software PLC made from it, and a database stand-in.
type rig struct {
	t      *testing.T
	dir    string
	influx *influxd.Server
	url    string // of the stand-in
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, dir: t.TempDir()}
	r.influx, r.url = testrig.Influx(t, influxd.Options{})
	return r
}

// answering is a rig whose plant.yaml has one device that answers, and more.
func answering(t *testing.T, more string) *rig {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve()
	r.plant(addr, more)
	return r
}

func (r *rig) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// edit replaces text in a file of r.
func (r *rig) edit(name, old, new string) {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		r.t.Fatalf("%s does not hold %q", name, old)
	}
	r.write(name, strings.Replace(string(b), old, new, 1))
}

// plant writes plant.yaml: one device at address, its map tags.csv, delivered to the stand-in.
func (r *rig) plant(address, more string) {
	r.write("plant.yaml", fmt.Sprintf(`
bridge: {name: test, data_dir: data, http: "127.0.0.1:0"}
devices:
  - name: plc
    driver: modbus
    url: tcp://%s
    unit_id: 7
    poll: 100ms
    timeout: 300ms
    tags: [tags.csv]
%s
sinks:
  - {name: db, type: influxdb, url: "%s", org: o, bucket: b, flush: 50ms, unsigned: true, precision: ns}
`, address, more, r.url))
}

// loader loads plant.yaml again when it is told to.
func (r *rig) loader() func(*source.Files) bridge.Loaded {
	var cache tagmap.Cache
	return func(files *source.Files) (l bridge.Loaded) {
		l.Config, l.Problems = config.Load(filepath.Join(r.dir, "plant.yaml"), config.Options{
			Expand: true, RequireSecrets: true, Cache: &cache, Files: files,
			Seen: func(path string, content []byte) { l.Files = append(l.Files, bridge.NewFile(path, content)) },
		})
		return l
	}
}

// load loads plant.yaml, which has no problems.
func (r *rig) load() *config.Config {
	r.t.Helper()
	l := r.loader()(nil)
	if l.Problems.HasProblems() {
		r.t.Fatal(l.Problems)
	}
	return l.Config
}

// serve makes a frozen PLC of the first device and returns its address.
func (r *rig) serve() (*plc.Unit, string) {
	r.t.Helper()
	d := &r.load().Devices[0]
	unit := plc.NewUnit(plc.UnitOptions{Tags: d.Tags, MaxGap: d.Modbus.MaxGap, Seed: 1})
	unit.Freeze()
	s := testrig.Modbus(r.t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{d.Modbus.UnitID: unit}, Silent: true})
	return unit, s.Addr()
}

// running is a bridge that runs and answers.
type running struct {
	t      *testing.T
	bridge *bridge.Bridge
	http   string // where the last server that was opened answers
	cancel context.CancelFunc
	ended  chan error
	hangup chan os.Signal
	log    *lockedLog

	mu     sync.Mutex
	server *Server // the last that was opened; nil: none
}

// run runs plant.yaml until stop or the end of the test.
func (r *rig) run() *running {
	r.t.Helper()
	b := &running{t: r.t, ended: make(chan error, 1), log: &lockedLog{}, hangup: make(chan os.Signal, 1)}
	ready := make(chan string, 1)
	load := r.loader()
	first := load(nil)
	var err error
	b.bridge, err = bridge.Open(first.Config, bridge.Options{
		Stdout: io.Discard,
		Load:   load, First: first, Hangup: b.hangup, OpenServer: b.open,
		Log:   slog.New(slog.NewTextHandler(b.log, nil)),
		Ready: func(addr string) { ready <- addr },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(context.Background())
	go func() { b.ended <- b.bridge.Run(ctx) }()
	select {
	case addr := <-ready:
		b.http = "http://" + addr
	case err := <-b.ended:
		r.t.Fatalf("the bridge ended: %v", err)
	}
	r.t.Cleanup(b.stop)
	return b
}

// open is Open, and remembers what it opened.
func (b *running) open(of *bridge.Bridge, conf config.HTTP, old bridge.Server) (bridge.Server, error) {
	s, err := Open(of, conf, old)
	if err == nil {
		b.mu.Lock()
		b.server = s.(*Server)
		b.mu.Unlock()
	}
	return s, err
}

// opened is the server that was opened last; nil: none was.
func (b *running) opened() *Server {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.server
}

// stop ends the bridge and wants a clean end. A second call does nothing.
func (b *running) stop() {
	if b.cancel == nil {
		return
	}
	b.cancel()
	b.cancel = nil
	if err := <-b.ended; err != nil {
		b.t.Errorf("the bridge ended with %v", err)
	}
	if b.t.Failed() {
		b.t.Logf("log of the bridge:\n%s", b.log)
	}
}

// hup makes the bridge reload and waits until it is done.
func (b *running) hup() bridge.ReloadState {
	b.t.Helper()
	before := b.bridge.Reloads()
	b.hangup <- os.Interrupt
	b.await("reload", func() bool {
		s := b.bridge.Reloads()
		return s.Applied+s.Refused > before.Applied+before.Refused
	})
	return b.bridge.Reloads()
}

// await waits until done says so.
func (b *running) await(what string, done func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patienceOfTests)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-look.C:
		case <-ctx.Done():
			b.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (b *running) get(path string) (status int, body string) {
	b.t.Helper()
	answer, err := http.Get(b.http + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// lockedLog lets many goroutines log, and others read what there is by then.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
