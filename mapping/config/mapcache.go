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

func newMapCache(l *loader) *mapCache {
	return &mapCache{l: l, texts: map[string]*mapText{}, lists: map[string]*tagList{}, contents: map[content]*tagList{}, names: map[string]mapping.Source{}}
}

// source is one thing that a device's tags come from: a file, or rows in place.
type source struct {
	file *mapText
	rows []*yaml.Node
}

// deviceTags reads the tags of a device.
func (d *doc) deviceTags(r *readDevice) {
	n := r.s.node("tags")
	if n == nil {
		d.warnf(r.s.at, "%s has no tags: there is nothing to read", r.s.what)
		return
	}
	def := &defaults{driver: r.Driver, mode: r.Mode, poll: r.Poll, order: r.Order, labels: r.Labels}
	found := len(d.l.problems)
	sources, id := d.tagSources(n)
	key := def.key() + "\x00" + id
	list, ok := d.l.maps.lists[key]
	if !ok {
		list = d.l.maps.load(d, def, sources)
		d.l.maps.lists[key] = list
	}
	r.Tags, r.list = list.tags, list
	if len(list.tags) == 0 && !d.l.problems[found:].HasProblems() && !list.problems.HasProblems() {
		d.warnf(at(n), "%s has no tags: there is nothing to read", r.s.what)
	}
	d.checkFit(r)
}

// load builds the list of sources, or takes it from the load before this one.
func (c *mapCache) load(d *doc, def *defaults, sources []source) *tagList {
	content, known := contentOf(def, sources)
	if old := c.l.o.Cache.find(content); known && old != nil {
		for _, p := range old.problems {
			c.l.add(p)
		}
		c.contents[content] = old
		return old
	}
	found := len(c.l.problems)
	list := newTagBuilder(c.l, def).build(d, sources)
	list.problems = slices.Clone(c.l.problems[found:])
	if known {
		c.contents[content] = list
	}
	return list
}

// tagSources lists what stands under tags, and gives it an identity: equal ones are equal.
func (d *doc) tagSources(n *yaml.Node) (sources []source, id string) {
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
			if last := len(sources) - 1; last >= 0 && sources[last].file == nil {
				sources[last].rows = append(sources[last].rows, item)
			} else {
				sources = append(sources, source{rows: []*yaml.Node{item}})
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
		sources = append(sources, source{file: d.l.maps.text(v)})
		ids.WriteString(v.text + "\x00")
	}
	if inPlace {
		return sources, fmt.Sprintf("%p", n)
	}
	return sources, ids.String()
}

// text is the text of the map file that v names, read once.
func (c *mapCache) text(v value) *mapText {
	path := v.d.path(v.text)
	t, known := c.texts[path]
	if !known {
		t = c.read(v, path)
		c.texts[path] = t
	}
	if t.err != nil {
		v.problemf("%v", t.err)
	}
	return t
}

func (c *mapCache) read(v value, path string) *mapText {
	t := &mapText{doc: &doc{l: c.l, file: path, dir: filepath.Dir(path)}}
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case v.text == "":
		t.err = errors.New("must name a file")
	case strings.HasPrefix(ext, ".xls") || ext == ".ods":
		t.err = errSpreadsheet
	default:
		b, err := c.l.content(path, readFile)
		c.l.o.Seen(path, b)
		if err != nil {
			t.err = fmt.Errorf("cannot be read: %w", err)
			return t
		}
		t.sum = sha256.Sum256(b)
		t.text, t.ok = t.doc.decode(b)
	}
	return t
}
