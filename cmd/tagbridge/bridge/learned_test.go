package bridge

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"tagbridge/drivers/modbus"
	"tagbridge/mapping/config"
)

// learnRig compiles two registers of a device at port whose file of what was learned is of the unit at port 1502.
func learnRig(t *testing.T, port string) (b *Bridge, d *compiled, file string) {
	r := &rig{t: t, dir: t.TempDir()}
	file = learnedFile(r.dir, "plc")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	r.write(filepath.Join("learned", "plc.json"),
		`{"of":"tcp://127.0.0.1:1502 unit 1","cuts":[{"function":3,"address":8,"hole":7,"largest":1}]}`)
	r.write("plant.yaml", `
bridge: {name: b, data_dir: `+r.dir+`}
devices:
  - {name: plc, driver: modbus, url: "tcp://127.0.0.1:`+port+`", tags: [{tag: a, address: "holding:0"}, {tag: b, address: "holding:8"}]}
sinks: [{name: f, type: file, path: out.json}]
`)
	b = &Bridge{o: Options{Log: slog.New(slog.DiscardHandler)}, protocols: newProtocols()}
	next := &setup{cfg: r.load()}
	next.compiled = b.compile(nothing(), next.cfg)
	b.now.Store(next)
	return b, next.compiled["plc"], file
}

func cutsOf(t *testing.T, d *compiled) []modbus.Cut {
	t.Helper()
	if len(d.jobs) != 1 {
		t.Fatalf("%d jobs, want 1", len(d.jobs))
	}
	return d.jobs[0].Work.(*modbus.Plan).Learned()
}

// TestLearnedIsKept starts with what was learned of the unit, hands it on when tags change, and writes it again.
func TestLearnedIsKept(t *testing.T) {
	b, d, file := learnRig(t, "1502")
	if cuts := cutsOf(t, d); len(cuts) != 1 || cuts[0] != (modbus.Cut{Function: 3, Address: 8, Hole: 7, Largest: 1}) {
		t.Fatalf("it knows %+v", cuts)
	}
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}

	old := b.now.Load()
	changed := *old.cfg.Devices[0].Tags[0]
	changed.Address.Number = 3
	cfg := *old.cfg
	cfg.Devices = append([]config.Device(nil), cfg.Devices...)
	cfg.Devices[0].Tags = append(cfg.Devices[0].Tags[1:2:2], &changed)
	next := &setup{cfg: &cfg, compiled: b.compile(old, &cfg)}
	if next.compiled["plc"].jobs[0] == d.jobs[0] {
		t.Fatal("a changed tag left the job as it was")
	}
	if cuts := cutsOf(t, next.compiled["plc"]); len(cuts) != 1 {
		t.Errorf("after a change of tags it knows %+v", cuts)
	}

	b.now.Store(next)
	b.saveLearned(map[string][]byte{})
	if is, err := os.ReadFile(file); err != nil || string(is) != string(was) {
		t.Errorf("written %s, %v, want %s", is, err, was)
	}
}

// TestLearnedOfAnother starts with a file of a unit at another address: nothing is known, and the file goes.
func TestLearnedOfAnother(t *testing.T) {
	b, d, file := learnRig(t, "1503")
	if cuts := cutsOf(t, d); len(cuts) != 0 {
		t.Errorf("it knows %+v of another", cuts)
	}
	b.saveLearned(map[string][]byte{})
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file of another is still there: %v", err)
	}
}
