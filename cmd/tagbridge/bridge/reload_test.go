package bridge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
	"tagbridge/testrig/influxd"
)

// loader loads r's configuration again when it is told to.
func (r *rig) loader() func(*source.Files) Loaded {
	var cache tagmap.Cache
	return func(files *source.Files) Loaded {
		var l Loaded
		l.Config, l.Problems = config.Load(filepath.Join(r.dir, "plant.yaml"), config.Options{
			Expand: true, RequireSecrets: true, Cache: &cache, Files: files,
			Seen: func(path string, content []byte) { l.Files = append(l.Files, NewFile(path, content)) },
		})
		return l
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

// hup makes the bridge reload and waits until it is done.
func (b *running) hup() ReloadState {
	b.t.Helper()
	before := b.bridge.Reloads()
	b.hangup <- os.Interrupt
	b.await("reload", func() bool {
		s := b.bridge.Reloads()
		return s.Applied+s.Refused > before.Applied+before.Refused
	})
	return b.bridge.Reloads()
}

// reloading is a bridge that reads three tags of a plant, and a second device.
func (r *rig) reloading() *running {
	r.t.Helper()
	r.write("tags.csv", threeTags)
	r.write("more.csv", "tag,address\nx,holding:7\n")
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "  - {name: other, driver: modbus, url: \"tcp://127.0.0.1:1\", poll: 100ms, timeout: 100ms, tags: [more.csv]}")
	return r.run()
}

func TestReloadOfAnEditedMapLeavesTheRestAlone(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	first := strings.Split(threeTags, "\n")[1]
	name, _, _ := strings.Cut(first, ",")
	before := b.bridge.now.Load()
	r.write("tags.csv", strings.Replace(threeTags, first+"\n", "", 1))
	r.influx.Forget()
	if s := b.hup(); len(s.Problems) > 0 || s.Applied != 1 {
		t.Fatalf("reload: %+v", s)
	}
	now := b.bridge.now.Load()
	if now.compiled["other"].jobs[0] != before.compiled["other"].jobs[0] {
		t.Error("the other device was planned again")
	}
	if now.compiled["plc"].jobs[0] == before.compiled["plc"].jobs[0] || now.compiled["plc"].dev != before.compiled["plc"].dev {
		t.Error("the edited device was not planned again")
	}
	for i, l := range now.connections {
		if l.lane != before.connections[i].lane {
			t.Errorf("line %s was replaced", l.name)
		}
	}
	if now.outlets[0] != before.outlets[0] {
		t.Error("the sink was replaced")
	}
	r.wait("the end of the removed tag", func(points []influxd.Point) bool { return endsOf(points, name) > 0 })
	b.stop()
	if n := endsOf(r.influx.Points(), name); n != 1 {
		t.Errorf("%s ended %d times", name, n)
	}
}

// TestReloadOfWhoReadsLeavesLinesAlone has a device be for other members of a cluster than before: its connection goes on, as nothing
// of it has changed.
func TestReloadOfWhoReadsLeavesLinesAlone(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	path := filepath.Join(r.dir, "plant.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const device = "  - {name: other, "
	if strings.Count(string(text), device) != 1 {
		t.Fatalf("no device other: %s", text)
	}
	for _, who := range []string{"only: [pc-a, pc-b], ", "only: [pc-b], prefer: pc-b, ", "prefer: pc-a, ", ""} {
		before := b.bridge.now.Load()
		r.write("plant.yaml", strings.Replace(string(text), device, device+who, 1))
		if s := b.hup(); len(s.Problems) > 0 {
			t.Fatalf("reload with %q: %+v", who, s)
		}
		now := b.bridge.now.Load()
		if now == before || len(now.connections) != len(before.connections) {
			t.Fatalf("with %q nothing was applied, or %d lines are %d", who, len(before.connections), len(now.connections))
		}
		for i, l := range now.connections {
			if l.lane != before.connections[i].lane {
				t.Errorf("with %q line %s was replaced", who, l.name)
			}
		}
	}
	b.stop()
}

// endsOf counts the samples BadOutOfService of tag.
func endsOf(points []influxd.Point, tag string) int {
	n := 0
	for i := range points {
		for _, f := range points[i].Fields {
			if f.Name == tag+".quality" && f.Value == "BadOutOfService" {
				n++
			}
		}
	}
	return n
}

func TestReloadWithProblemsChangesNothing(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	before := b.bridge.now.Load()
	r.edit("plant.yaml", "unit_id: 7", "unit_id: many")
	s := b.hup()
	if s.Refused != 1 || len(s.Problems) == 0 || !strings.Contains(s.Problems[0], "plant.yaml:") {
		t.Errorf("reload: %+v", s)
	}
	if b.bridge.now.Load() != before {
		t.Error("the bridge changed")
	}
	r.edit("plant.yaml", "unit_id: many", "unit_id: 7")
	if s := b.hup(); len(s.Problems) > 0 {
		t.Errorf("the mended one: %+v", s)
	}
}

// A file that is cut off behind a line is YAML as well. That it has no sinks is a warning to check, but no reason for a
// bridge to throw its own away.
func TestReloadOfHalfAFileChangesNothing(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	before := b.bridge.now.Load()
	whole, err := os.ReadFile(filepath.Join(r.dir, "plant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	for _, part := range []string{"devices", "sinks"} {
		r.write("plant.yaml", text[:strings.Index(text, part+":")])
		s := b.hup()
		if len(s.Problems) == 0 || !strings.Contains(strings.Join(s.Problems, " "), "problem: no "+part+", of which") {
			t.Errorf("cut off before %s: %+v", part, s)
		}
		if b.bridge.now.Load() != before {
			t.Fatalf("cut off before %s: the bridge changed", part)
		}
	}
	r.write("plant.yaml", text)
	header, _, _ := strings.Cut(threeTags, "\n")
	r.write("tags.csv", header+"\n")
	if s := b.hup(); len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "plant.yaml:") || !strings.Contains(s.Problems[0], "device plc: none of its 3 tags is left") ||
		b.bridge.now.Load() != before {
		t.Errorf("a map that ends behind its header: %+v", s)
	}
	r.write("tags.csv", threeTags)
	r.write("plant.yaml", text[:strings.Index(text, "sinks:")]+"sinks:\n")
	if s := b.hup(); len(s.Problems) > 0 {
		t.Errorf("no sinks on purpose: %+v", s)
	}
}

func TestReloadReplacesSinksAndLines(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	before := b.bridge.now.Load()
	r.edit("plant.yaml", "flush: 50ms", "flush: 60ms")
	r.edit("plant.yaml", "tcp://127.0.0.1:1\"", "tcp://127.0.0.1:2\"")
	if s := b.hup(); s.Applied != 1 {
		t.Fatalf("reload: %+v", s)
	}
	now := b.bridge.now.Load()
	if now.outlets[0] == before.outlets[0] || now.compiled["other"].dev == before.compiled["other"].dev {
		t.Error("nothing was replaced")
	}
	if now.compiled["plc"].jobs[0] != before.compiled["plc"].jobs[0] {
		t.Error("the first device was planned again")
	}
	r.influx.Forget()
	r.wait("values through the new sink", func(points []influxd.Point) bool { return len(points) > 3 })
}

func TestReloadKeepsTheDataDirectory(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	r.edit("plant.yaml", "data_dir: data", "data_dir: elsewhere")
	if s := b.hup(); s.Applied != 1 {
		t.Fatalf("reload: %+v", s)
	}
	if dir := b.bridge.now.Load().cfg.Bridge.DataDir; filepath.Base(dir) != "data" {
		t.Errorf("data directory %s", dir)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "elsewhere")); err == nil {
		t.Error("a second data directory was made")
	}
}

func TestHistoryRestores(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	for i := range keptConfigurations + 3 {
		r.edit("more.csv", "holding:", "holding:1")
		if s := b.hup(); s.Applied != uint64(i+1) {
			if i < 3 {
				t.Fatalf("reload %d: %+v", i, s)
			}
			break // the address has become too large
		}
	}
	h := HistoryIn(filepath.Join(r.dir, "data"))
	list, err := h.List()
	if err != nil || len(list) < 3 || len(list) > keptConfigurations {
		t.Fatalf("%d kept, %v", len(list), err)
	}
	oldest := list[len(list)-1]
	contents, err := h.Contents(oldest)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(oldest.Files, func(f AppliedFile) bool { return filepath.Base(f.Path) == "more.csv" })
	if want := "tag,address\nx,holding:7\n"; i < 0 || string(contents[i]) != want {
		t.Errorf("it holds %q, want %q", contents, want)
	}
}

// TestReloadsLoseNothing reloads again and again, with other maps, sinks and endpoints, while a device is polled; each
// of its polls is delivered once.
func TestReloadsLoseNothing(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	for i := range 30 {
		switch i % 3 {
		case 0:
			r.write("more.csv", "tag,address\nx,holding:"+strconv.Itoa(i)+"\n")
		case 1:
			r.edit("plant.yaml", fmt.Sprintf("flush: %dms", 50+i/3), fmt.Sprintf("flush: %dms", 51+i/3))
		case 2:
			r.edit("plant.yaml", fmt.Sprintf("tcp://127.0.0.1:%d\"", 1+i/3), fmt.Sprintf("tcp://127.0.0.1:%d\"", 2+i/3))
		}
		polls := b.polls("plc")
		if s := b.hup(); s.Applied != uint64(i+1) {
			t.Fatalf("reload %d: %+v", i, s)
		}
		b.await("a poll", func() bool { return b.polls("plc") > polls })
	}
	b.stop()
	times := pollTimes(r.influx.Points())
	if polls := b.polls("plc"); len(times) != int(polls) {
		t.Errorf("%d polls, of %d samples arrived", polls, len(times))
	}
	for at, n := range times {
		if n != 1 {
			t.Errorf("the poll at %d was delivered %d times", at, n)
		}
	}
}

// polls is how often device was polled.
func (b *running) polls(device string) uint64 {
	for _, d := range b.bridge.Devices() {
		if d.Name == device {
			return d.Polls
		}
	}
	return 0
}

// TestWatchedFilesAreReloaded has an editor put a new map in the place of the old one, and a secret renewed.
func TestWatchedFilesAreReloaded(t *testing.T) {
	r := newRig(t)
	r.write("token", "one")
	r.write("tags.csv", threeTags)
	r.plant("127.0.0.1:1", "")
	r.edit("plant.yaml", "name: test,", "name: test, watch: true,")
	r.edit("plant.yaml", "org: o", `org: o, token: "${file:token}"`)
	b := r.run()
	r.write("tags.csv.new", threeTags+"extra,40009,,,\n")
	if err := os.Rename(filepath.Join(r.dir, "tags.csv.new"), filepath.Join(r.dir, "tags.csv")); err != nil {
		t.Fatal(err)
	}
	b.await("the new map", func() bool { return b.bridge.now.Load().tags() == 4 })
	old := b.bridge.now.Load().outlets[0]
	r.write("token", "two")
	b.await("the new secret", func() bool { return b.bridge.now.Load().outlets[0] != old })
}

// What is changed between its being loaded and the first look at it is reloaded, too: a large plant takes its time to
// start.
func TestWhatChangesBeforeTheFirstLookIsSeen(t *testing.T) {
	dir := t.TempDir()
	plant, secret := filepath.Join(dir, "plant.yaml"), filepath.Join(dir, "secret")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(plant, "")
	for name, change := range map[string]func(){
		"nothing":       func() {},
		"the plant":     func() { write(plant, "bridge: {}") },
		"a secret made": func() { write(secret, "one") },
	} {
		var w watcher
		files := []File{NewFile(plant, []byte{}), NewFile(secret, nil)}
		change()
		w.watch(files)
		if got, want := w.settled(), name != "nothing"; got != want {
			t.Errorf("%s: a change is seen: %v, want %v", name, got, want)
		}
	}
}
