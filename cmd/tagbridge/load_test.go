package main

import (
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// tagsOf are the tags of oven.csv in dir.
func tagsOf(t *testing.T, dir string) []*mapping.Tag {
	t.Helper()
	cfg, problems := config.Load("-", config.Options{Stdin: strings.NewReader(
		strings.Replace(ovenPlant("tcp://192.0.2.1:502"), "oven.csv", filepath.ToSlash(filepath.Join(dir, "oven.csv")), 1))})
	if problems.HasProblems() {
		t.Fatal(problems.Err())
	}
	return cfg.Devices[0].Tags
}

// TestExamplesAreRight loads every configuration in configs, and each of its maps is named by one.
func TestExamplesAreRight(t *testing.T) {
	root := filepath.Join("..", "..", "configs")
	files, err := filepath.Glob(filepath.Join(root, "*.yaml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	named := map[string]bool{}
	for _, f := range files {
		if filepath.Base(f) == "alerts.yaml" {
			continue // is for Prometheus
		}
		cfg, problems := config.Load(f, config.Options{Expand: true})
		for _, p := range problems {
			if !p.MissingSecret {
				t.Errorf("%v", p)
			}
		}
		if cfg == nil {
			continue
		}
		for _, d := range cfg.Devices {
			for _, tag := range d.Tags {
				named[filepath.Base(tag.Source.File)] = true
			}
		}
	}
	maps, err := filepath.Glob(filepath.Join(root, "tags", "*"))
	if err != nil || len(maps) < 3 {
		t.Fatalf("%d maps, %v", len(maps), err)
	}
	for _, m := range maps {
		if !named[filepath.Base(m)] {
			t.Errorf("%s is in no configuration", m)
		}
	}
}
