package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"tagbridge/mapping/source"
)

// checkProblems wants every problem to have a place and a message that can be printed.
func checkProblems(t *testing.T, ps source.Problems) {
	for _, p := range ps {
		if p.File == "" || p.Line < 0 || p.Column < 0 || p.Message == "" || !utf8.ValidString(p.String()) {
			t.Errorf("problem %+v", p)
		}
		if strings.Contains(p.String(), "\n") {
			t.Errorf("a message of several lines: %q", p.String())
		}
	}
}

func FuzzLoadYAML(f *testing.F) {
	for _, glob := range []string{"testdata/*.yaml", "testdata/bad/*.yaml"} {
		addFiles(f, glob)
	}
	f.Add([]byte("a: &a [*a]\ndevices: *a\n"))
	f.Add([]byte("devices: &d\n  - {<<: [&e {<<: *d}, *e], name: x, tags: *d}\n"))
	f.Add([]byte("sinks: [{type: mqtt, topic: '{{label.}', url: 'mqtt://[::1'}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, ps := loadText(string(b))
		checkProblems(t, ps)
		if c == nil && !ps.HasProblems() {
			t.Error("no configuration and no problem")
		}
		if c != nil {
			c.Connections()
			Diff(nil, c)
		}
	})
}

func FuzzLoadCSV(f *testing.F) {
	for _, glob := range []string{"testdata/tags/*.csv", "testdata/bad/*.csv"} {
		addFiles(f, glob)
	}
	f.Add([]byte("sep=\t\ntag\taddress\n\"a\"\"\"\t40001"))
	f.Add([]byte("\xFF\xFEt\x00a\x00g\x00,\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, ps := loadWithMap(`{devices: [{name: a, url: "tcp://h", tags: [map.csv]},
			{name: b, driver: opcua, url: "opc.tcp://h", mode: subscribe, tags: [map.csv]}], sinks: []}`, b)
		checkProblems(t, ps)
		lines := strings.Count(string(b), "\n") + strings.Count(string(b), "\r") + 1
		for _, tag := range c.Devices[0].Tags {
			if tag.Name == "" || tag.Source.Line < 2 || tag.Source.Line > lines {
				t.Errorf("tag %+v of %d lines", tag, lines)
			}
			if int(tag.Address.Number)+tag.Registers() > 1<<16 {
				t.Errorf("tag past the end of its table: %+v", tag)
			}
		}
	})
}

func addFiles(f *testing.F, glob string) {
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		f.Fatal(glob, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// TestEveryPrefix loads a configuration and a map cut at every byte: what is left is read or reported, never more.
func TestEveryPrefix(t *testing.T) {
	text, err := os.ReadFile("testdata/contract.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for n := range text {
		c, ps := loadText(string(text[:n]))
		checkProblems(t, ps)
		if c == nil && !ps.HasProblems() {
			t.Errorf("the first %d bytes: nothing, and no problem", n)
		}
	}
	rows, err := os.ReadFile("testdata/tags/boiler.csv")
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := loadMap(t, string(rows))
	for n := range rows {
		tags, ps := loadMap(t, string(rows[:n]))
		checkProblems(t, ps)
		for i, tag := range tags[:max(0, len(tags)-1)] {
			if tag.Name != whole[i].Name || tag.Source.Line != whole[i].Source.Line {
				t.Fatalf("the first %d bytes: tag %d is %s of line %d", n, i, tag.Name, tag.Source.Line)
			}
		}
	}
}
