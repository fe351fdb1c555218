package tagmap

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
	"tagbridge/mapping/profile"
	"tagbridge/mapping/source"
)

// maxTags is how many tags are loaded at most, those that devices share counted once.
const maxTags = 3_000_000

// Defaults are what a device gives its tags.
type Defaults struct {
	Driver string
	Pushed bool // values come when they change, so that all of them are reported by change
	Poll   time.Duration
	// ByChange: what is computed is computed when an input was read, at no period.
	ByChange bool
	Order    mapping.Order
	Labels   []mapping.Label
	Zone     string // the time zone of the device's clock; "": UTC
	// Numbers are what addresses without a table are.
	Numbers mapping.Numbers
	Wide    bool // each register answers with four bytes
}

func (f *Defaults) key() string {
	return fmt.Sprintf("%s\x00%t\x00%t\x00%d\x00%d\x00%q\x00%s\x00%v\x00%t", f.Driver, f.Pushed, f.ByChange, f.Poll, f.Order, f.Labels, f.Zone, f.Numbers, f.Wide)
}

// List is the tags of a device, shared by all devices of the same maps and defaults.
type List struct {
	Tags    []*mapping.Tag
	Fastest time.Duration // the shortest period
	Longest *mapping.Tag  // the one of the most registers
	Files   []string      // the maps that they come from, also those that cannot be read
	Rows    int           // of the configuration itself, in place
	// Formulas are the cells that have one. What they can name is known when all rows are read, or all devices.
	Formulas []Formula
	// Exponents are the cells that say where a value's exponent is.
	Exponents []Cell
	// alarms are those of Tags; see AlarmTags.
	alarms    []*mapping.Tag
	hasAlarms bool // alarms were made
	// problems are those found on the way, to be reported again when the list is used again.
	problems source.Problems
}

// Maps keeps what was read, so that 500 devices of one map cost one reading.
type Maps struct {
	l     *source.Loader
	cache *Cache // of the loading before this one
	texts map[string]*mapText
	lists map[string]*List // by defaults and the names of their files
	// contents are the same by what is in the files, for the next load.
	contents map[content]*List
	tags     int
	names    map[string]mapping.Source // of the list that is being built; one map serves all of them
}

type mapText struct {
	file string      // where it is on disk
	doc  *source.Doc // of a workbook: file#sheet
	book bool        // text is that of a sheet
	text string
	sum  [sha256.Size]byte // of the file's bytes
	ok   bool
	err  error // why it cannot be read; what is wrong inside is reported at its place

	inside bool // it is no file, but in the program
}

// NewMaps is for the maps of one loading; cache has those of the one before, and may be nil.
func NewMaps(l *source.Loader, cache *Cache) *Maps {
	return &Maps{l: l, cache: cache, texts: map[string]*mapText{}, lists: map[string]*List{}, contents: map[content]*List{}, names: map[string]mapping.Source{}}
}

// origin is one thing that a device's tags come from: a file, or rows in place.
type origin struct {
	file *mapText
	rows []*yaml.Node
}

// Read reads the tags under key tags of s, a device's section. The list is never nil.
func (c *Maps) Read(s *source.Section, def *Defaults) *List {
	n := s.Node("tags")
	if n == nil {
		s.Doc.Warnf(s.At, "%s has no tags: there is nothing to read", s.What)
		return &List{}
	}
	found := c.l.Found()
	sources, id := c.sources(s.DocOf("tags"), n)
	key := def.key() + "\x00" + id
	list, ok := c.lists[key]
	if !ok {
		list = c.load(s.DocOf("tags"), def, sources)
		list.Files, list.Rows = namesOf(sources)
		c.lists[key] = list
	}
	if len(list.Tags) == 0 && !c.l.Since(found).HasProblems() && !list.problems.HasProblems() {
		s.DocOf("tags").Warnf(source.At(n), "%s has no tags: there is nothing to read", s.What)
	}
	return list
}

// namesOf are the files among sources, and how many rows are in place.
func namesOf(sources []origin) (files []string, rows int) {
	for _, s := range sources {
		if rows += len(s.rows); s.file != nil && !s.file.inside && filepath.Base(s.file.file) != "." && !slices.Contains(files, s.file.file) {
			files = append(files, s.file.file)
		}
	}
	return files, rows
}

// Keep has the next loading find what this one read.
func (c *Maps) Keep() { c.cache.keep(c.contents) }

// load builds the list of sources, or takes it from the load before this one.
func (c *Maps) load(d *source.Doc, def *Defaults, sources []origin) *List {
	content, known := contentOf(def, sources)
	known = known && !kindOf(def.Driver).computes // what its formulas name is in other maps
	if old := c.cache.find(content); known && old != nil {
		for _, p := range old.problems {
			c.l.Add(p)
		}
		c.contents[content] = old
		return old
	}
	found := c.l.Found()
	list := newTagBuilder(c, def).build(d, sources)
	list.problems = slices.Clone(c.l.Since(found))
	if known {
		c.contents[content] = list
	}
	return list
}

// sources lists what is under tags, and gives it an identity: equal ones are equal.
func (c *Maps) sources(d *source.Doc, n *yaml.Node) (list []origin, id string) {
	items := []*yaml.Node{n}
	switch n.Kind {
	case yaml.SequenceNode:
		items = n.Content
	case yaml.MappingNode:
		d.Problemf(source.At(n), "tags must be a list of files, or of rows such as {tag: temp, address: 40001}")
		return nil, ""
	}
	var ids strings.Builder
	inPlace := false
	seen := map[string]source.Place{}
	for _, item := range items {
		item = source.Resolve(item)
		if item.Kind != yaml.ScalarNode {
			inPlace = true
			if last := len(list) - 1; last >= 0 && list[last].file == nil {
				list[last].rows = append(list[last].rows, item)
			} else {
				list = append(list, origin{rows: []*yaml.Node{item}})
			}
			continue
		}
		v := d.Value("tags", item)
		if !v.OK || v.Open {
			continue
		}
		if first, again := seen[v.Text]; again {
			v.Problemf("again: it is in line %d already", first.Line)
			continue
		}
		seen[v.Text] = v.At
		list = append(list, origin{file: c.text(v)})
		ids.WriteString(v.Text + "\x00")
	}
	if inPlace {
		return list, fmt.Sprintf("%p", n)
	}
	return list, ids.String()
}

// text is the text of the map file that v names, read once.
func (c *Maps) text(v source.Value) *mapText {
	path := v.Doc.Path(v.Text)
	name, isProfile := strings.CutPrefix(v.Text, profile.Scheme)
	if isProfile {
		path = v.Text
	}
	t, known := c.texts[path]
	switch {
	case known:
	case isProfile:
		t = c.readProfile(name)
	default:
		t = c.readFile(v, path)
	}
	c.texts[path] = t
	if t.err != nil {
		v.Problemf("%v", t.err)
	}
	return t
}

// readProfile is the map of a profile, which is in the program.
func (c *Maps) readProfile(name string) *mapText {
	t := &mapText{doc: c.l.File(profile.Scheme + name), file: profile.Scheme + name, inside: true}
	p, err := profile.Find(name)
	if err != nil {
		t.err = err
		return t
	}
	t.sum = sha256.Sum256(p.Map)
	t.text, t.ok = t.doc.Decode(p.Map)
	return t
}

func (c *Maps) readFile(v source.Value, path string) *mapText {
	t := &mapText{doc: c.l.File(path)}
	var in string
	t.file, in = SplitSheet(path)
	t.book = IsWorkbook(t.file)
	switch ext := strings.ToLower(filepath.Ext(t.file)); {
	case v.Text == "":
		t.err = errors.New("must name a file")
	case !t.book && strings.HasPrefix(ext, ".xls") || ext == ".ods":
		t.err = source.ErrSpreadsheet
	default:
		b, err := c.l.File(t.file).Regular()
		if err != nil {
			t.err = fmt.Errorf("cannot be read: %w", err)
			return t
		}
		t.sum = sha256.Sum256(b)
		if t.book {
			t.text, t.ok = ReadSheet(t.doc, b, in)
		} else {
			t.text, t.ok = t.doc.Decode(b)
		}
	}
	return t
}
