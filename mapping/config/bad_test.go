package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping/source"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// TestBad loads every *.bad.yaml, and every *.bad.csv as the map of a device. The first line of each says what must be
// found, each message behind a "# want: ", and nothing else may be.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.bad.*")
	if err != nil || len(files) < 120 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, rest, _ := strings.Cut(string(b), "\n")
		found := findings(file)
		if *update {
			if err := os.WriteFile(file, []byte("# want: "+found+"\n"+rest), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want := strings.TrimPrefix(first, "# want: "); found != want {
			t.Errorf("%s:\n found %s\n want  %s", file, found, want)
		}
	}
}

// findings are the messages about file, without its folder.
func findings(file string) string {
	var ps source.Problems
	if filepath.Ext(file) == ".csv" {
		_, ps = loadText(`{devices: [{name: plc, url: "tcp://h", tags: ["` + file + `"]}], sinks: []}`)
	} else {
		_, ps = Load(file, Options{Getenv: noEnv, Expand: true, Hostname: "host"})
	}
	var messages []string
	for _, p := range ps {
		messages = append(messages, strings.TrimPrefix(p.String(), "testdata/bad/"))
	}
	if len(messages) == 0 {
		return "nothing"
	}
	return strings.Join(messages, " # want: ")
}

func noEnv(string) string { return "" }

// loadText loads a configuration from standard input; it has no environment.
func loadText(text string) (*Config, source.Problems) {
	return Load("-", Options{Stdin: strings.NewReader(text), Getenv: noEnv, Expand: true, Hostname: "host"})
}
