package source

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a YAML file, so that no file costs more memory or time than a large plant's: its size is bounded by
// maxFile, this is about how much structure it packs into that.
const (
	maxNodes = 1_500_000 // nodes, estimated before parsing
	maxKeys  = 1_000     // keys of one mapping, merged ones counted
)

// ParseYAML reads text into nodes, with their places; aliases stay aliases. It reports what keeps it from that, and
// returns nil then, or when text is empty.
func (d *Doc) ParseYAML(text string) *yaml.Node {
	if estimateNodes(text) > maxNodes {
		d.Problemf(LineCol(1, 1), "too much structure in one YAML file: keep large tag maps in CSV, several devices in several files")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		if !errors.Is(err, io.EOF) {
			d.yamlProblem(err, text)
		}
		return nil
	}
	if len(root.Content) == 0 {
		return nil
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		d.Problemf(At(&next), "a second YAML document (---): everything belongs into one")
	} else if !errors.Is(err, io.EOF) {
		d.yamlProblem(err, text)
	}
	d.unquoted(root.Content[0])
	return root.Content[0]
}

// unquoted reports texts that mean something else to YAML as they begin with ! or &: the text itself would be lost, a
// password perhaps, and is therefore not repeated.
func (d *Doc) unquoted(n *yaml.Node) {
	switch {
	case n.Style&yaml.TaggedStyle != 0 && !slices.Contains(yamlTags, n.ShortTag()):
		d.Problemf(At(n), "a text that begins with ! belongs in quotes: it means a type to YAML")
	case n.Anchor != "" && IsNull(n) && n.Value == "":
		d.Problemf(At(n), "a text that begins with & belongs in quotes: it means an anchor to YAML")
	}
	if n.Kind == yaml.AliasNode {
		return
	}
	for _, c := range n.Content {
		d.unquoted(c)
	}
}

var yamlTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!merge", "!!timestamp", "!!binary"}

// estimateNodes is at least about how many nodes text can make: every one but the first needs one of these signs.
func estimateNodes(text string) int {
	n := 1
	for i := range len(text) {
		switch text[i] {
		case ',', '\n', '[', '{', ':', '-', '?':
			n++
		}
	}
	return n
}

// Resolve follows an alias to what it stands for.
func Resolve(n *yaml.Node) *yaml.Node {
	for range 100 {
		if n.Kind != yaml.AliasNode {
			break
		}
		n = n.Alias
	}
	return n
}

// IsNull reports that n holds nothing.
func IsNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// Entry is one key of a mapping.
type Entry struct {
	Key   string
	At    Place
	Value *yaml.Node // resolved
	asked bool
	doc   *Doc // of a default; nil: the section's
}

// Flatten lists the keys of mapping n with those merged into it (<<), which give way to its own. A mapping is merged
// at most once, so neither circles nor nested merges cost more than their text.
func (d *Doc) Flatten(n *yaml.Node) []Entry {
	f := flattener{d: d, seen: map[*yaml.Node]bool{}, have: map[string]Place{}}
	f.add(n, n)
	return f.entries
}

type flattener struct {
	d       *Doc
	seen    map[*yaml.Node]bool
	have    map[string]Place // keys of mappings nearer than the present one, and of it
	entries []Entry
	full    bool
}

func (f *flattener) add(n, root *yaml.Node) {
	if f.seen[n] {
		return
	}
	f.seen[n] = true
	own := map[string]Place{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content) && !f.full; i += 2 {
		k, v := n.Content[i], Resolve(n.Content[i+1])
		if k.ShortTag() == "!!merge" {
			merges = append(merges, v)
			continue
		}
		f.key(Resolve(k), k, v, own)
	}
	if len(f.entries) >= maxKeys && !f.full {
		f.full = true
		f.d.Problemf(At(root), "more than %d keys in one mapping", maxKeys)
	}
	for _, m := range merges {
		f.merge(m, root)
	}
}

// key takes one key unless a nearer mapping has it; own are those of its own mapping, where it may stand once.
func (f *flattener) key(k, here, v *yaml.Node, own map[string]Place) {
	if k.Kind != yaml.ScalarNode {
		f.d.Problemf(At(here), "a key must be a word")
		return
	}
	if name, _, found := strings.Cut(k.Value, ":"); found && IsNull(v) {
		// What stands behind the colon may be a secret.
		f.d.Problemf(At(here), "key %q: a blank belongs after its colon", name)
		return
	}
	if first, ok := own[k.Value]; ok {
		f.d.Problemf(At(here), "key %q again: it is in line %d already", k.Value, first.Line)
		return
	}
	own[k.Value] = At(here)
	if _, ok := f.have[k.Value]; ok {
		return
	}
	f.have[k.Value] = At(here)
	if len(f.entries) < maxKeys {
		f.entries = append(f.entries, Entry{Key: k.Value, At: At(here), Value: v})
	}
}

func (f *flattener) merge(m, root *yaml.Node) {
	switch m.Kind {
	case yaml.MappingNode:
		f.add(m, root)
	case yaml.SequenceNode:
		if f.seen[m] {
			return
		}
		f.seen[m] = true
		for _, item := range m.Content {
			f.merge(Resolve(item), root)
		}
	default:
		f.d.Problemf(At(m), "<< merges a mapping or a list of mappings, such as *defaults")
	}
}

// Entries are the keys of s that were read as they are written, those of Under left out.
func (s *Section) Entries() []Entry {
	return slices.DeleteFunc(slices.Clone(s.entries), func(e Entry) bool { return e.doc != nil })
}
