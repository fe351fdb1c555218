package revision

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// Content is what a revision consists of, as texts.
type Content struct {
	Config string            // what all members have of the configuration
	Files  map[string][]byte // by their names
}

// Seen is a file that loading a configuration has read; Content is nil of certificates, keys and secrets.
type Seen struct {
	Path    string
	Content []byte
}

// Draft is the content of a revision that is made of a configuration, and of what loading it has read; problems say why it cannot be one.
func Draft(cfg *config.Config, seen []Seen) (*Content, source.Problems) {
	c := &Content{Files: map[string][]byte{}}
	var found source.Problems
	for _, s := range seen {
		switch {
		case s.Content == nil:
		case s.Path == cfg.File:
			found = append(found, c.setConfig(s)...)
		default:
			found = append(found, c.addFile(cfg.File, s)...)
		}
	}
	for _, t := range cfg.Tables {
		for _, row := range t.Rows {
			found = append(found, inNode(t.File, "", row, 0)...)
		}
	}
	if len(found) > 0 {
		return nil, found
	}
	m := c.Manifest()
	m.Format, m.Number, m.ID, m.Bridge = format, 1, newID(), cfg.Bridge.Name
	if err := m.check(); err != nil {
		found = append(found, problem(cfg.File, 1, 1, "it cannot be pushed: "+err.Error()))
	}
	return c, found
}

func (c *Content) setConfig(s Seen) source.Problems {
	text, err := source.Text(s.Content)
	if err == nil {
		if found := writtenOut(s.Path, text); len(found) > 0 {
			return found
		}
		c.Config, err = Shared(text)
	}
	if err != nil {
		return source.Problems{problem(s.Path, 1, 1, fmt.Sprintf("it cannot be pushed: the configuration %v", err))}
	}
	return nil
}

func (c *Content) addFile(cfg string, s Seen) source.Problems {
	rel, err := filepath.Rel(filepath.Dir(cfg), s.Path)
	name := filepath.ToSlash(rel)
	if err == nil {
		err = CheckName(name)
	}
	if err != nil {
		return source.Problems{problem(s.Path, 1, 1, fmt.Sprintf("it cannot be pushed: %v; put it into the folder of the configuration, or below", err))}
	}
	c.Files[name] = s.Content
	if strings.EqualFold(filepath.Ext(name), ".xlsx") {
		return nil
	}
	return inText(s.Path, s.Content)
}

// Manifest is that of the files alone.
func (c *Content) Manifest() *Manifest {
	m := &Manifest{Config: NewFile("", []byte(c.Config)), Files: []File{}}
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		m.Files = append(m.Files, NewFile(name, c.Files[name]))
	}
	return m
}

// Same reports that two revisions have the same files.
func Same(a, b *Manifest) bool { return a.Config == b.Config && slices.Equal(a.Files, b.Files) }

// Texts are the files of a member whose configuration is at path and is text, by their paths.
func (c *Content) Texts(path, text string) map[string][]byte {
	texts := map[string][]byte{path: []byte(text)}
	for name, content := range c.Files {
		texts[filepath.Join(filepath.Dir(path), filepath.FromSlash(name))] = content
	}
	return texts
}
