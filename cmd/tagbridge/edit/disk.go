package edit

import (
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/plan"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Editor is the maps of one bridge. It is safe for concurrent use.
type Editor struct {
	bridge *bridge.Bridge

	loading sync.Mutex // of disk
	disk    *onDisk
	writing sync.Mutex // one change at a time
}

// New is the editor of b.
func New(b *bridge.Bridge) *Editor { return &Editor{bridge: b} }

// onDisk is the configuration as it is on disk, and what is wrong with it.
type onDisk struct {
	cfg      *config.Config // nil: nothing of it can be read
	names    names
	problems source.Problems
	at       time.Time
	stamps   []bridge.File
	fresh    bool // a file was written while it was read: it may have changed since without a trace
	guarded  []string
	maps     []mapState
}

// mapState is what of a map does not change while its file does not.
type mapState struct {
	config.Map
	name     string
	rows     int
	tags     int
	bytes    int
	etag     string
	encoding Encoding
	fault    string // why it cannot be edited; "" when it can
}

// justNow is within which a file may be written twice and look the same.
const justNow = 50 * time.Millisecond

// now is what is on disk now, read again when it has changed.
func (e *Editor) now() (*onDisk, error) {
	e.loading.Lock()
	defer e.loading.Unlock()
	if e.disk != nil && !e.disk.stale() {
		return e.disk, nil
	}
	began := time.Now()
	got, err := e.bridge.Try(nil)
	if err != nil {
		return nil, err
	}
	var d *onDisk
	bridge.AtLowPriority(func() { d = look(got, e.bridge.Config()) })
	d.at = began
	for _, f := range got.Files {
		d.stamps = append(d.stamps, f.Stamp())
		d.fresh = d.fresh || f.Since(began) < justNow
	}
	e.disk = d
	return d, nil
}

func (d *onDisk) stale() bool {
	if d.fresh {
		return true
	}
	for _, f := range d.stamps {
		if f.Changed() {
			return true
		}
	}
	return false
}

// look gathers what is to be known of what was loaded. Where that is nothing, the maps are those of what runs.
func look(got bridge.Loaded, running *config.Config) *onDisk {
	d := &onDisk{cfg: got.Config, problems: got.Problems}
	cfg := got.Config
	if cfg == nil {
		cfg = running
	} else if !got.Problems.HasProblems() {
		d.problems = append(d.problems, plan.Overloads(cfg)...)
	}
	d.names = namesOf(cfg)
	d.guarded = []string{cfg.File}
	for _, f := range got.Files {
		if !f.IsText() {
			d.guarded = append(d.guarded, f.Path)
		}
	}
	tags := tagsOf(cfg)
	for _, m := range cfg.Maps {
		s := mapState{Map: m, name: d.names.of(m.File), tags: tags[m.File], rows: m.Rows}
		if m.Rows > 0 {
			s.name += "#" + strings.Join(m.Devices, "")
			s.tags = tags[m.File+"#"+m.Devices[0]]
		} else {
			s.read(d.guarded)
		}
		d.maps = append(d.maps, s)
	}
	return d
}

// tagsOf counts the tags of each map, of maps that devices share once; those in place by FILE#DEVICE.
func tagsOf(cfg *config.Config) map[string]int {
	counts, first := map[string]int{}, map[string]string{}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		for _, t := range d.Tags {
			file, _ := tagmap.SplitSheet(t.Source.File)
			if file == cfg.File {
				counts[file+"#"+d.Name]++
				continue
			}
			if first[file] == "" {
				first[file] = d.Name
			}
			if first[file] == d.Name {
				counts[file]++
			}
		}
	}
	return counts
}

// read reads the file.
func (s *mapState) read(guarded []string) {
	b, _, err := content(s.File, guarded)
	if err != nil {
		s.fault = err.Error()
		return
	}
	s.bytes, s.etag = len(b), ETag(b)
	_, s.encoding, err = decode(b)
	if err != nil {
		s.fault = err.Error()
	}
	_, rows, _ := tagmap.ReadTable(s.File, b)
	s.rows = len(rows)
}

// format is what a map is written in.
func (s *mapState) format() string {
	if s.Rows > 0 {
		return "in place"
	}
	switch strings.ToLower(filepath.Ext(s.File)) {
	case ".yaml", ".yml", ".json":
		return "yaml"
	}
	return "csv"
}
