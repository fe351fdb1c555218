//go:build interop

package interop

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"tagbridge/testrig/natsd"
)

// program is the tagbridge that the tests run: built from this tree, or what TAGBRIDGE_BIN names.
var program string

func TestMain(m *testing.M) {
	natsd.Child()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	if program = os.Getenv("TAGBRIDGE_BIN"); program != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "tagbridge-interop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "tagbridge")
	build := exec.Command("go", "build", "-o", program, "tagbridge/cmd/tagbridge")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build tagbridge:", err)
		return 1
	}
	return m.Run()
}

// bridge is a running tagbridge whose file sink writes every sample as JSON.
type bridge struct {
	*child
	t      *testing.T
	dir    string
	record samplesFile
}

// preamble and epilogue are what the configurations of all tests share: samples.jsonl is the record of what was read.
const preamble = `
bridge:
  name: "interop, test = 1"
  data_dir: data
  http: ""
  log: {level: debug}
`

const fileSink = `
  - {name: record, type: file, path: samples.jsonl, format: json, batch: 5000, flush: 100ms}
`

// run checks the configuration, devices and sinks as YAML without their keys, and starts tagbridge with it in dir.
func run(t *testing.T, dir, devices, sinks string) *bridge {
	t.Helper()
	config := filepath.Join(dir, "bridge.yaml")
	writeFile(t, config, preamble+"devices:\n"+devices+"\nsinks:\n"+fileSink+sinks)
	if out, err := exec.Command(program, "check", config).CombinedOutput(); err != nil {
		t.Fatalf("tagbridge check: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "run", config)
	cmd.Dir = dir
	return &bridge{
		child: launch(t, cmd), t: t, dir: dir, record: samplesFile{path: filepath.Join(dir, "samples.jsonl"), strict: true},
	}
}

// samples are those recorded so far.
func (b *bridge) samples() []sample {
	b.t.Helper()
	select {
	case <-b.done:
		b.t.Fatalf("tagbridge ended by itself: %v", b.err)
	default:
	}
	return b.record.all(b.t)
}

// stop ends tagbridge, which has to deliver what it has read, and returns all samples.
func (b *bridge) stop() []sample {
	b.t.Helper()
	if err := b.terminate(b.t); err != nil {
		b.t.Errorf("tagbridge after SIGTERM: %v", err)
	}
	return b.record.all(b.t)
}

// rejected are the samples that the named sink has refused.
func (b *bridge) rejected(sink string) []sample {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "data", "rejected", sink, "*.jsonl"))
	if err != nil {
		b.t.Fatal(err)
	}
	var all []sample
	for _, f := range files {
		rejects := samplesFile{path: f}
		all = append(all, rejects.all(b.t)...)
	}
	return all
}

// checkRejected compares what the named sink has refused with all samples of the tags that it has to refuse. Some may be
// there twice.
func (b *bridge) checkRejected(sink string, samples []sample, tags ...string) {
	b.t.Helper()
	type id struct {
		tag   string
		nanos int64
	}
	got, want := map[id]bool{}, map[id]bool{}
	for _, s := range samples {
		if slices.Contains(tags, s.Tag) {
			want[id{s.Tag, s.Time.UnixNano()}] = true
		}
	}
	for _, s := range b.rejected(sink) {
		got[id{s.Tag, s.Time.UnixNano()}] = true
		if s.Reason == "" {
			b.t.Errorf("%s rejected %s/%s without a reason", sink, s.Device, s.Tag)
		}
	}
	if !maps.Equal(got, want) {
		b.t.Errorf("%s has rejected %d samples, want %d of %v", sink, len(got), len(want), tags)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
