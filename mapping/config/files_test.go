package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping/source"
)

const draft = `devices: [{name: plc, url: "tcp://h", tags: [maps/boiler.csv, more.yaml]}]
sinks: [{name: screen, type: file, path: "-"}]
`

// loadDraft loads path with texts over the disk.
func loadDraft(path string, texts map[string]string) (*Config, source.Problems) {
	over := map[string][]byte{}
	for name, text := range texts {
		over[name] = []byte(text)
	}
	return Load(path, Options{Getenv: noEnv, Hostname: "host", Files: source.Over(over)})
}

// tagNames are those of the first device.
func tagNames(c *Config) string {
	var names []string
	if c != nil && len(c.Devices) > 0 {
		for _, t := range c.Devices[0].Tags {
			names = append(names, t.Name)
		}
	}
	return strings.Join(names, " ")
}

// TestUnsavedConfiguration checks a configuration with its maps of which nothing is on disk.
func TestUnsavedConfiguration(t *testing.T) {
	texts := map[string]string{
		"/no/such/folder/plant.yaml":      draft,
		"/no/such/folder/maps/boiler.csv": "tag,address\ntemp,40001\n",
		"/no/such/folder/more.yaml":       "- {tag: level, address: 40002}\n",
	}
	c, ps := loadDraft("/no/such/folder/plant.yaml", texts)
	if len(ps) != 0 || tagNames(c) != "temp level" {
		t.Errorf("tags %q, %v", tagNames(c), ps)
	}
	if c.Bridge.DataDir != "/no/such/folder/tagbridge-data" {
		t.Errorf("data directory %s", c.Bridge.DataDir)
	}
	texts["/no/such/folder/maps/boiler.csv"] = "tag,address\ntemp,4000x\n"
	if _, ps := loadDraft("/no/such/folder/plant.yaml", texts); !strings.Contains(ps.Err().Error(), "/no/such/folder/maps/boiler.csv:2:6: problem: address \"4000x\"") {
		t.Errorf("a fault in a map: %v", ps)
	}
	delete(texts, "/no/such/folder/more.yaml")
	if _, ps := loadDraft("/no/such/folder/plant.yaml", texts); !strings.Contains(ps.Err().Error(), "and 1 more") {
		t.Errorf("a map is neither saved nor a draft: %v", ps)
	}
}

// TestUnsavedMap has a configuration on disk, one map of which is being edited, and one is new.
func TestUnsavedMap(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("plant.yaml", draft)
	write("maps/boiler.csv", "tag,address\nsaved,40001\n")
	link := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	const boiler, more = "tag,address\nedited,40001\n", "- {tag: new, address: 40002}\n"
	for _, name := range []string{dir, link, dir + "/maps/..", link + "/./"} {
		for _, path := range []string{dir + "/plant.yaml", link + "/plant.yaml"} {
			c, ps := loadDraft(path, map[string]string{name + "/maps/boiler.csv": boiler, name + "/more.yaml": more})
			if len(ps) != 0 || tagNames(c) != "edited new" {
				t.Errorf("%s, drafts in %s: tags %q, %v", path, name, tagNames(c), ps)
			}
		}
	}
	write("more.yaml", "- {tag: old, address: 40002}\n")
	if c, ps := Load(dir+"/plant.yaml", Options{Getenv: noEnv}); len(ps) != 0 || tagNames(c) != "saved old" {
		t.Errorf("the disk was not left as it is: tags %q, %v", tagNames(c), ps)
	}
}

// TestDraftsHaveTheBoundsOfFiles gives drafts that no file could be.
func TestDraftsHaveTheBoundsOfFiles(t *testing.T) {
	const dir = "/no/such/folder/"
	whole := strings.Repeat("# a long comment\n", 64<<20/17+1)
	for name, texts := range map[string]map[string]string{
		"plant.yaml:1:1: problem: cannot be read: larger than 64 MiB": {dir + "plant.yaml": whole},
		"larger than 64 MiB":         {dir + "plant.yaml": draft, dir + "maps/boiler.csv": whole, dir + "more.yaml": "[]"},
		"the configuration is empty": {dir + "plant.yaml": ""},
		"the tag map is empty":       {dir + "plant.yaml": draft, dir + "maps/boiler.csv": "", dir + "more.yaml": "[]"},
	} {
		if _, ps := loadDraft(dir+"plant.yaml", texts); ps.Err() == nil || !strings.Contains(ps.Err().Error(), name) {
			t.Errorf("%v, want %s", ps, name)
		}
	}
}

// TestSeenDrafts wants to be told of what a draft holds, not of what is on disk.
func TestSeenDrafts(t *testing.T) {
	seen := map[string][]byte{}
	Load("/no/plant.yaml", Options{
		Getenv: noEnv, Hostname: "host",
		Files: source.Over(map[string][]byte{"/no/plant.yaml": []byte(draft), "/no/maps/boiler.csv": nil}),
		Seen:  func(path string, content []byte) { seen[path] = content },
	})
	if !bytes.Equal(seen["/no/plant.yaml"], []byte(draft)) || seen["/no/maps/boiler.csv"] == nil {
		t.Errorf("seen %q", seen)
	}
	if content, told := seen["/no/more.yaml"]; !told || content != nil {
		t.Errorf("a map that is not there: told %v, %q", told, content)
	}
}

// TestOnlyTheConfigurationIsStandardInput has a map that is named as standard input is.
func TestOnlyTheConfigurationIsStandardInput(t *testing.T) {
	const config = `{devices: [{name: plc, url: "tcp://h", tags: ["-"]}], sinks: []}`
	_, ps := Load("-", Options{Stdin: strings.NewReader(config + "\n"), Getenv: noEnv, Hostname: "host"})
	if ps.Err() == nil || !strings.Contains(ps.Err().Error(), "no such file") {
		t.Errorf("from standard input: %v", ps)
	}
	_, ps = loadDraft("-", map[string]string{"-": config})
	if ps.Err() == nil || !strings.Contains(ps.Err().Error(), "no such file") {
		t.Errorf("from a draft of it: %v", ps)
	}
}
