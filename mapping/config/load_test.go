package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tagbridge/mapping/source"
)

// TestGolden loads every testdata/*.yaml and compares what comes of it, with all problems, with the .golden beside it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		c, ps := Load(file, Options{Getenv: noEnv, Expand: true, Hostname: "host"})
		got := dump(t, c, ps)
		golden := strings.TrimSuffix(file, ".yaml") + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s does not load as %s says:\n%s", file, golden, firstDifference(got, string(want)))
		}
	}
}

func dump(t *testing.T, c *Config, ps source.Problems) string {
	var b strings.Builder
	for _, p := range ps {
		fmt.Fprintln(&b, p)
	}
	dumpStruct(&b, "", reflect.ValueOf(*c))
	for _, d := range c.Devices {
		for _, tag := range d.Tags {
			at := *tag
			at.Traits = nil
			fmt.Fprintf(&b, "%s {%s} {%s}\n", d.Name, inLine(reflect.ValueOf(at)), inLine(reflect.ValueOf(*tag.Traits)))
		}
	}
	return b.String()
}

// inLine is the fields that are not zero.
func inLine(v reflect.Value) string {
	var fields []string
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			fields = append(fields, fmt.Sprintf("%s:%+v", v.Type().Field(i).Name, f))
		}
	}
	return strings.Join(fields, " ")
}

// dumpStruct writes the fields that are not zero, but for the tags, a line each.
func dumpStruct(b *strings.Builder, indent string, v reflect.Value) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch {
		case f.IsZero() || name == "Tags":
		case f.Kind() == reflect.Struct && f.Type().PkgPath() == v.Type().PkgPath():
			fmt.Fprintf(b, "%s%s:\n", indent, name)
			dumpStruct(b, indent+"\t", f)
		case f.Kind() == reflect.Slice && (name == "Devices" || name == "Sinks"):
			for n := range f.Len() {
				fmt.Fprintf(b, "%s%s %d:\n", indent, name, n)
				dumpStruct(b, indent+"\t", f.Index(n))
			}
		default:
			fmt.Fprintf(b, "%s%s: %v\n", indent, name, f)
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got  %s\n want %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func TestUnusable(t *testing.T) {
	for _, text := range []string{"", "\n# nothing\n", "5", "[a]", "a: [", "\x00", "~"} {
		c, ps := loadText(text)
		if c != nil || !ps.HasProblems() || ps.Err() == nil {
			t.Errorf("%q: configuration %v, problems %v", text, c, ps)
		}
	}
	if c, ps := Load("testdata/nowhere.yaml", Options{}); c != nil || !strings.Contains(fmt.Sprint(ps), "no such file") {
		t.Errorf("missing file: %v", ps)
	}
	if c, ps := Load("testdata", Options{}); c != nil || !strings.Contains(fmt.Sprint(ps), "is a folder") {
		t.Errorf("folder: %v", ps)
	}
}

// TestUsefulDespiteProblems keeps what is right of a configuration with problems.
func TestUsefulDespiteProblems(t *testing.T) {
	c, ps := loadText(`
devices:
  - {name: good, url: "tcp://h", tags: [{tag: a, address: 40001}, {tag: b, address: 1}, {tag: c, address: 40003}]}
  - {name: bad, url: "nonsense", poll: 5, tags: [nowhere.csv]}
sinks: [{name: out, type: file, path: "-"}]`)
	if len(ps) != 4 {
		t.Errorf("problems: %v", ps)
	}
	if len(c.Devices) != 2 || len(c.Devices[0].Tags) != 2 || c.Devices[0].Tags[1].Name != "c" || len(c.Sinks) != 1 {
		t.Errorf("loaded: %+v", c)
	}
}

func TestDefaults(t *testing.T) {
	c, ps := Load("-", Options{
		Stdin:    strings.NewReader("devices: []\nsinks: []\n"),
		Getenv:   noEnv,
		Hostname: "ipc7",
		StateDir: "/var/lib/tagbridge:/var/lib/other",
	})
	if len(ps) != 0 {
		t.Fatal(ps)
	}
	if c.Bridge.Name != "ipc7" || c.Bridge.DataDir != "/var/lib/tagbridge" || c.Bridge.HTTP.Listen != "127.0.0.1:8080" {
		t.Errorf("bridge: %+v", c.Bridge)
	}
	c, _ = loadText("devices: []\nsinks: []\nbridge: {http: \"\"}\n")
	if c.Bridge.HTTP.Listen != "" || c.Bridge.DataDir != "tagbridge-data" {
		t.Errorf("bridge: %+v", c.Bridge)
	}
}

func TestDisabled(t *testing.T) {
	c, ps := loadText(`
devices:
  - {name: a, url: "tcp://h", enabled: false, tags: [{tag: t, address: 40001}]}
  - {name: a, url: "tcp://h", tags: [{tag: t, address: 40001, enabled: no}, {tag: t, address: 40002}]}
sinks:
  - {name: out, type: file, path: "-", enabled: false}
  - {name: out, type: file, path: "-"}`)
	if len(ps) != 0 {
		t.Errorf("what is disabled is in the way: %v", ps)
	}
	if len(c.Devices) != 1 || len(c.Devices[0].Tags) != 1 || c.Devices[0].Tags[0].Address.Number != 1 || len(c.Sinks) != 1 {
		t.Errorf("loaded: %+v", c)
	}
	if _, ps := loadText(`{devices: [{name: a, url: "x", enabled: false}], sinks: []}`); !ps.HasProblems() {
		t.Error("a disabled device was not checked")
	}
}
