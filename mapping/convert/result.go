package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Verdict is what became of one row.
type Verdict struct {
	Row   string // where it stands, for people
	Tag   string
	Taken bool
	Note  string // what was changed, or why it was not taken; "": taken as it was
}

// String is v as convert prints it.
func (v Verdict) String() string {
	switch {
	case !v.Taken:
		return fmt.Sprintf("%s: %s: not taken: %s", v.Row, v.Tag, v.Note)
	case v.Note != "":
		return fmt.Sprintf("%s: %s: taken with a change: %s", v.Row, v.Tag, v.Note)
	}
	return fmt.Sprintf("%s: %s: taken", v.Row, v.Tag)
}

// File is a file that came out of a conversion; its name has no folder but tags/.
type File struct {
	Name    string
	Content []byte
}

// Result is what came out of a conversion.
type Result struct {
	Verdicts []Verdict
	devices  []*device
	names    map[string]bool

	sinks     []*device // without tags
	sinkNames map[string]bool
	sees      bool // the file says where values were written, and as what
	dark      []*dark
}

// device is one device of the configuration to be.
type device struct {
	name    string
	options [][2]any // keys of the configuration with their values, in order
	tags    []tag
	known   map[string]bool // names of tags
}

// tag is a row of a map to be: cells by column.
type tag map[string]string

func (d *device) driver() string {
	name, _ := d.option("driver").(string)
	return name
}

// option is the value of a key, nil when it has none.
func (d *device) option(key string) any {
	for _, o := range d.options {
		if o[0] == key {
			return o[1]
		}
	}
	return nil
}

func (d *device) set(key string, value any) { d.options = append(d.options, [2]any{key, value}) }

// device adds a device whose name is made of the given one.
func (r *Result) device(name string) *device {
	if r.names == nil {
		r.names = map[string]bool{}
	}
	name = strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_.-]+`).ReplaceAllString(name, "-"), "-_.")
	if name == "" {
		name = "device"
	}
	d := &device{name: unique(r.names, name), known: map[string]bool{}}
	r.devices = append(r.devices, d)
	return d
}

func unique(known map[string]bool, name string) string {
	free := name
	for n := 2; known[free]; n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	known[free] = true
	return free
}

// change collects what is different about a row that is taken.
type change []string

func (c *change) addf(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

// take adds t to d, or refuses it when the bridge would.
func (r *Result) take(d *device, row string, t tag, c change) {
	original := t["tag"]
	if t["tag"] = tagName(original); t["tag"] == "" {
		r.refuse(row, original, "it has no name")
		return
	}
	if _, err := tagmap.Tag(tagmap.Defaults{Driver: d.driver()}, t); err != nil {
		r.refuse(row, original, err.Error())
		return
	}
	if a, err := mapping.ParseAddress(t["address"]); err == nil {
		t["address"] = a.String()
	}
	if t["tag"] = unique(d.known, t["tag"]); t["tag"] != original {
		c.addf("named %s", t["tag"])
	}
	d.tags = append(d.tags, t)
	r.Verdicts = append(r.Verdicts, Verdict{Row: row, Tag: original, Taken: true, Note: strings.Join(c, "; ")})
}

func (r *Result) refuse(row, tag, why string) {
	r.Verdicts = append(r.Verdicts, Verdict{Row: row, Tag: tag, Note: why})
}

// tagName makes a name of a tag map of one that another program allows.
func tagName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == '+' || c == '#' {
			return '-'
		}
		return c
	}, strings.TrimSpace(name))
	var levels []string
	for _, level := range strings.Split(name, "/") {
		if level = strings.TrimSpace(level); level != "" {
			levels = append(levels, level)
		}
	}
	name = strings.TrimLeft(strings.Join(levels, "/"), "_$")
	if name == "time" || strings.HasSuffix(name, ".quality") || strings.HasSuffix(name, ".text") {
		name += "-value"
	}
	return name
}

// Any reports that something was taken.
func (r *Result) Any() bool {
	for _, d := range r.devices {
		if len(d.tags) > 0 {
			return true
		}
	}
	return false
}

// Complete reports that every row was taken.
func (r *Result) Complete() bool {
	for _, v := range r.Verdicts {
		if !v.Taken {
			return false
		}
	}
	return true
}

// Files are the configuration, tagbridge.yaml, and a map for each device.
func (r *Result) Files() ([]File, error) {
	var files []File
	root := &yaml.Node{Kind: yaml.MappingNode}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, d := range r.devices {
		if len(d.tags) == 0 {
			continue
		}
		file := "tags/" + d.name + ".csv"
		content, err := writeMap(d.tags)
		if err != nil {
			return nil, err
		}
		files = append(files, File{file, content})
		n, err := d.node([2]any{"tags", []string{file}})
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, n)
	}
	var key, sinks, screen yaml.Node
	key.SetString("devices")
	sinks.SetString("sinks")
	if err := screen.Encode([]map[string]string{{"name": "screen", "type": "file", "path": "-"}}); err != nil {
		return nil, err
	}
	if len(r.sinks) > 0 {
		screen.Content = nil
	}
	for _, s := range r.sinks {
		n, err := s.node()
		if err != nil {
			return nil, err
		}
		screen.Content = append(screen.Content, n)
	}
	root.Content = []*yaml.Node{&key, list, &sinks, &screen}
	var out bytes.Buffer
	fmt.Fprintln(&out, "# Converted by tagbridge. Look it over: tagbridge check, then tagbridge plan.")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	return append([]File{{"tagbridge.yaml", out.Bytes()}}, files...), nil
}

// node is a device or a sink as the configuration has it.
func (d *device) node(more ...[2]any) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, o := range slices.Concat([][2]any{{"name", d.name}}, d.options, more) {
		var key, value yaml.Node
		key.SetString(o[0].(string))
		if err := value.Encode(o[1]); err != nil {
			return nil, err
		}
		n.Content = append(n.Content, &key, &value)
	}
	return n, nil
}

// labelName makes a label's name of what another program allows.
func labelName(name string) string {
	name = strings.TrimLeft(strings.Map(func(c rune) rune {
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return '_'
		}
		return c
	}, name), "_")
	switch name {
	case "", "bridge", "device", "tag", "time":
		return "label_" + name
	}
	return name
}

// columns are those that conversions fill, in the order in which they are written.
var columns = []string{"tag", "address", "element", "type", "order", "poll", "scale", "offset", "scale_by", "raw_min", "raw_max", "eng_min",
	"eng_max", "clamp", "invalid", "enum", "unit", "report", "deadband", "enabled", "description"}

// writeMap is tags as CSV, with the columns that any of them fills.
func writeMap(tags []tag) ([]byte, error) {
	var used []string
	all := slices.Clone(columns)
	for _, t := range tags {
		for c := range t {
			if strings.HasPrefix(c, "label.") && !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	slices.Sort(all[len(columns):])
	for i, c := range all {
		for _, t := range tags {
			if t[c] != "" || i < 2 {
				used = append(used, c)
				break
			}
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write(used)
	for _, t := range tags {
		cells := make([]string, len(used))
		for i, c := range used {
			cells[i] = source.Harmless(t[c])
		}
		w.Write(cells)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}
