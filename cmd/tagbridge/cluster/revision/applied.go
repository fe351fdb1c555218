package revision

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/source"
)

// appliedIn is where it is kept which revision is applied: as its manifest, with the sums of its files.
func appliedIn(dataDir string) string { return filepath.Join(dataDir, "configurations", "revision") }

// readApplied is the revision that is applied; nil: none.
func readApplied(dataDir string) (*Manifest, error) {
	b, err := os.ReadFile(appliedIn(dataDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return Parse(b)
}

func writeApplied(dataDir string, m *Manifest) error {
	b, err := m.Append(nil)
	if err != nil {
		return err
	}
	path := appliedIn(dataDir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return bridge.ReplaceFile(path, b, 0o600)
}

// Applied is the revision that a bridge with this data directory has; nil: none that can be read.
func Applied(dataDir string) *Manifest {
	m, err := readApplied(dataDir)
	if err != nil {
		return nil
	}
	return m
}

// drift finds out what differs on disk from a revision. Files are read only when they look different from before.
type drift struct {
	of     *Manifest
	stamps map[string]bridge.File
	names  []string // that differ
}

func (d *drift) begin(m *Manifest) { d.of, d.stamps, d.names = m, nil, nil }

// look looks at the files of the configuration at that path, and reports whether something else differs now.
func (d *drift) look(config string) (changed bool) {
	if d.of == nil || !d.stale(config) {
		return false
	}
	d.stamps = map[string]bridge.File{}
	var names []string
	if b, ok := d.read(config); !ok || !isConfig(b, d.of.Config) {
		names = append(names, filepath.Base(config))
	}
	for _, f := range d.of.Files {
		if b, ok := d.read(filepath.Join(filepath.Dir(config), filepath.FromSlash(f.Name))); !ok || NewFile(f.Name, b) != f {
			names = append(names, f.Name)
		}
	}
	changed = !slices.Equal(names, d.names)
	d.names = names
	return changed
}

// read reads a file, and remembers how it looked before.
func (d *drift) read(path string) ([]byte, bool) {
	d.stamps[path] = bridge.NewFile(path, nil)
	b, err := os.ReadFile(path)
	return b, err == nil
}

func (d *drift) stale(config string) bool {
	if len(d.stamps) != len(d.of.Files)+1 {
		return true
	}
	if _, ok := d.stamps[config]; !ok {
		return true
	}
	for _, f := range d.stamps {
		if f.Changed() {
			return true
		}
	}
	return false
}

// isConfig reports that a configuration has all that is shared.
func isConfig(b []byte, want File) bool {
	text, err := source.Text(b)
	if err == nil {
		text, err = Shared(text)
	}
	return err == nil && NewFile("", []byte(text)) == want
}

// inWords are names for people.
func inWords(names []string) string { return strings.Join(names, ", ") }
