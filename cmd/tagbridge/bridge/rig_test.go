package bridge

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// patienceOfTests is how long a test waits for what must happen; it only ever runs out when something is wrong.
const patienceOfTests = 2 * time.Minute

// rig is a folder with a configuration, a software PLC made from it, and a database stand-in.
type rig struct {
	t      *testing.T
	dir    string
	influx *influxd.Server
	url    string // of the stand-in
	server OpenServer
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, dir: t.TempDir()}
	r.influx, r.url = testrig.Influx(t, influxd.Options{})
	return r
}

func (r *rig) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// load loads plant.yaml and wants no problems.
func (r *rig) load() *config.Config {
	r.t.Helper()
	cfg, problems := config.Load(filepath.Join(r.dir, "plant.yaml"), config.Options{Expand: true, RequireSecrets: true})
	for _, p := range problems {
		r.t.Errorf("%v", p)
	}
	if r.t.Failed() {
		r.t.FailNow()
	}
	return cfg
}

// serve makes a frozen PLC of the first device and returns its address.
func (r *rig) serve(d *config.Device) (*plc.Unit, string) {
	r.t.Helper()
	unit := plc.NewUnit(plc.UnitOptions{Tags: d.Tags, MaxGap: d.Modbus.MaxGap, Seed: 1})
	unit.Freeze()
	s := testrig.Modbus(r.t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{d.Modbus.UnitID: unit}, Silent: true})
	return unit, s.Addr()
}

// running is a bridge that runs.
type running struct {
	t      *testing.T
	bridge *Bridge
	cancel context.CancelFunc
	ended  chan error
	hangup chan os.Signal
	log    *lockedLog
}

// run runs plant.yaml, which has no problems, until stop or the end of the test.
func (r *rig) run() *running {
	r.t.Helper()
	r.load()
	return r.runHeld()
}

// runHeld is run for what has warnings.
func (r *rig) runHeld() *running {
	r.t.Helper()
	b := &running{t: r.t, ended: make(chan error, 1), log: &lockedLog{}, hangup: make(chan os.Signal, 1)}
	ready := make(chan string, 1)
	var err error
	load := r.loader()
	first := load(nil)
	b.bridge, err = Open(first.Config, Options{
		Stdout: io.Discard,
		Load:   load, First: first, Hangup: b.hangup, OpenServer: r.server,
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
	case <-ready:
	case err := <-b.ended:
		r.t.Fatalf("the bridge ended: %v", err)
	}
	r.t.Cleanup(b.stop)
	return b
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

// wait waits until the stand-in's points satisfy done.
func (r *rig) wait(what string, done func([]influxd.Point) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patienceOfTests)
	defer cancel()
	if err := r.influx.Wait(ctx, done); err != nil {
		r.t.Fatalf("waiting for %s: %v; stored: %+v", what, err, r.influx.Count())
	}
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
