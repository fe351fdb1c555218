package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
)

// maxTags is how many tags are loaded at most, those that devices share counted once.
const maxTags = 3_000_000

// defaults are what a device gives its tags.
type defaults struct {
	driver, mode string
	poll         time.Duration
	order        mapping.Order
	labels       []mapping.Label
}

func (f *defaults) key() string {
	return fmt.Sprintf("%s\x00%s\x00%d\x00%d\x00%q", f.driver, f.mode, f.poll, f.order, f.labels)
}

// tagList is the tags of a device, shared by all devices of the same maps and defaults.
type tagList struct {
	tags    []*mapping.Tag
	fastest time.Duration // the shortest period
	longest *mapping.Tag  // the one of the most registers
	// problems are those found on the way, to be reported again when the list is used again.
	problems Problems
}

// mapCache keeps what was read, so that 500 devices of one map cost one reading.
type mapCache struct {
	l     *loader
	cache *Cache // of the loading before this one
	texts map[string]*mapText
	lists map[string]*tagList // by defaults and the names of their files
	// contents are the same by what is in the files, for the next load.
	contents map[content]*tagList
	tags     int
	names    map[string]mapping.Source // of the list that is being built; one map serves all of them
}

type mapText struct {
	doc  *doc
	text string
	sum  [sha256.Size]byte // of the file's bytes
	ok   bool
	err  error // why it cannot be read; what is wrong inside is reported at its place
}

// newMapCache is for the maps of one loading; cache has those of the one before, and may be nil.
func newMapCache(l *loader, cache *Cache) *mapCache {
	return &mapCache{l: l, cache: cache, texts: map[string]*mapText{}, lists: map[string]*tagList{}, contents: map[content]*tagList{}, names: map[string]mapping.Source{}}
}

// origin is one thing that a device's tags come from: a file, or rows in place.
type origin struct {
	file *mapText
	rows []*yaml.Node
}

// read reads the tags under key tags of s, a device's section. The list is never nil.
func (c *mapCache) read(s *section, def *defaults) *tagList {
	n := s.node("tags")
	if n == nil {
		s.d.warnf(s.at, "%s has no tags: there is nothing to read", s.what)
		return &tagList{}
	}
	found := c.l.found()
	sources, id := c.sources(s.d, n)
	key := def.key() + "\x00" + id
	list, ok := c.lists[key]
	if !ok {
		list = c.load(s.d, def, sources)
		c.lists[key] = list
	}
	if len(list.tags) == 0 && !c.l.since(found).HasProblems() && !list.problems.HasProblems() {
		s.d.warnf(at(n), "%s has no tags: there is nothing to read", s.what)
	}
	return list
}

// keep has the next loading find what this one read.
func (c *mapCache) keep() { c.cache.keep(c.contents) }

// load builds the list of sources, or takes it from the load before this one.
func (c *mapCache) load(d *doc, def *defaults, sources []origin) *tagList {
	content, known := contentOf(def, sources)
	if old := c.cache.find(content); known && old != nil {
		for _, p := range old.problems {
			c.l.add(p)
		}
		c.contents[content] = old
		return old
	}
	found := c.l.found()
	list := newTagBuilder(c, def).build(d, sources)
	list.problems = slices.Clone(c.l.since(found))
	if known {
		c.contents[content] = list
	}
	return list
}

// sources lists what is under tags, and gives it an identity: equal ones are equal.
func (c *mapCache) sources(d *doc, n *yaml.Node) (list []origin, id string) {
	items := []*yaml.Node{n}
	switch n.Kind {
	case yaml.SequenceNode:
		items = n.Content
	case yaml.MappingNode:
		d.problemf(at(n), "tags must be a list of files, or of rows such as {tag: temp, address: 40001}")
		return nil, ""
	}
	var ids strings.Builder
	inPlace := false
	seen := map[string]place{}
	for _, item := range items {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode {
			inPlace = true
			if last := len(list) - 1; last >= 0 && list[last].file == nil {
				list[last].rows = append(list[last].rows, item)
			} else {
				list = append(list, origin{rows: []*yaml.Node{item}})
			}
			continue
		}
		v := d.value("tags", item)
		if !v.ok || v.open {
			continue
		}
		if first, again := seen[v.text]; again {
			v.problemf("again: it stands in line %d already", first.line)
			continue
		}
		seen[v.text] = v.at
		list = append(list, origin{file: c.text(v)})
		ids.WriteString(v.text + "\x00")
	}
	if inPlace {
		return list, fmt.Sprintf("%p", n)
	}
	return list, ids.String()
}

// text is the text of the map file that v names, read once.
func (c *mapCache) text(v value) *mapText {
	path := v.d.path(v.text)
	t, known := c.texts[path]
	if !known {
		t = c.readFile(v, path)
		c.texts[path] = t
	}
	if t.err != nil {
		v.problemf("%v", t.err)
	}
	return t
}

func (c *mapCache) readFile(v value, path string) *mapText {
	t := &mapText{doc: c.l.file(path)}
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case v.text == "":
		t.err = errors.New("must name a file")
	case strings.HasPrefix(ext, ".xls") || ext == ".ods":
		t.err = errSpreadsheet
	default:
		b, err := t.doc.regular()
		if err != nil {
			t.err = fmt.Errorf("cannot be read: %w", err)
			return t
		}
		t.sum = sha256.Sum256(b)
		t.text, t.ok = t.doc.decode(b)
	}
	return t
}
