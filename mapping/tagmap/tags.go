package tagmap

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// PollBounds are those of a period: under the lower one no PLC answers, over the upper one nobody waits.
var PollBounds = source.Between[time.Duration](10*time.Millisecond, source.Year)

// tagBuilder makes the tags of one device, or of all that share its maps and defaults.
type tagBuilder struct {
	maps  *Maps
	def   *Defaults
	kind  kind
	list  *List         // by itself: it outlives the builder
	slab  []mapping.Tag // to be handed out
	names map[string]mapping.Source
	// alarms are the rows of tags with one, by the names of the alarms.
	alarms map[string]mapping.Source
	keep   keeper
	// traits are those of the row that is being read.
	traits mapping.Traits
	full   bool
	// expected is how many tags there may be in all.
	expected int
}

func newTagBuilder(c *Maps, def *Defaults) *tagBuilder {
	return &tagBuilder{maps: c, def: def, kind: kindOf(def.Driver), list: &List{}, keep: newKeeper()}
}

// build reads sources in their order; d is where rows in place stand.
func (b *tagBuilder) build(d *source.Doc, sources []origin) *List {
	b.expect(sources)
	for _, s := range sources {
		switch {
		case s.file == nil:
			readRows(d, s.rows, b.take)
		case !s.file.ok:
			continue
		case isYAML(s.file.file):
			readYAML(s.file.doc, s.file.text, b.take)
		default:
			readCSV(s.file.doc, s.file.text, s.file.book, b.take)
		}
	}
	checkOverlaps(b)
	if !b.kind.computes {
		b.resolve()
	}
	return b.list
}

// expect makes room for as many tags as sources can hold, a line of CSV being one.
func (b *tagBuilder) expect(sources []origin) {
	rows := 0
	for _, s := range sources {
		if rows += len(s.rows); s.file != nil && !isYAML(s.file.file) {
			rows += strings.Count(s.file.text, "\n")
		}
	}
	rows = min(rows, mapping.MaxGroup) // more than that is no map, or will not be taken
	b.list.Tags = make([]*mapping.Tag, 0, rows)
	if b.names = b.maps.names; len(b.names) > 4*rows { // emptying it would cost more than another
		b.names = make(map[string]mapping.Source, rows)
		b.maps.names = b.names
	}
	clear(b.names)
	b.expected = rows
}

func isYAML(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// take makes a tag of a row and adds it, unless it is disabled or has a problem.
func (b *tagBuilder) take(r *row) {
	if b.full {
		return
	}
	if len(b.slab) == 0 {
		b.slab = make([]mapping.Tag, min(1024, max(16, b.expected-len(b.list.Tags))))
	}
	t := &b.slab[0]
	if !b.tag(r, t) {
		b.dropPending(t)
		*t = mapping.Tag{}
		return
	}
	if b.maps.tags++; b.maps.tags > maxTags {
		b.full = true
		r.rowProblem("more than %d tags in one configuration", maxTags)
		return
	}
	b.slab = b.slab[1:]
	b.list.add(t)
}

func (l *List) add(t *mapping.Tag) {
	l.Tags = append(l.Tags, t)
	if l.Fastest == 0 || t.Poll < l.Fastest {
		l.Fastest = t.Poll
	}
	if l.Longest == nil || spanOfTag(t) > spanOfTag(l.Longest) {
		l.Longest = t
	}
}

// tag fills t from r, every check made whatever the others found; false when r gives no tag.
func (b *tagBuilder) tag(r *row, t *mapping.Tag) bool {
	b.traits = mapping.Traits{}
	t.Source, t.Traits = r.source(), &b.traits
	enabled := r.bool(colEnabled, true)
	for i := range uses {
		if read := uses[i].read; read != nil {
			read(b, r, t)
		}
	}
	if !enabled {
		return false
	}
	// A name counts as taken even when its row has problems: else the same name further down would show up only
	// when those are mended.
	if t.Name != "" {
		if first, ok := b.names[t.Name]; ok {
			r.problemf(colTag, "again: the tag of this name is in %s", sourceFrom(first, t.Source.File))
			return false
		}
		b.names[t.Name] = t.Source
		b.claimAlarm(r, t)
	}
	if r.bad || r.unknown(colTag) || r.unknown(colAddress) && !t.IsComputed() {
		return false
	}
	t.Traits = b.keep.traits(&b.traits)
	return true
}

// sourceFrom is where s is, seen from file.
func sourceFrom(s mapping.Source, file string) string {
	if s.File == file {
		return fmt.Sprintf("line %d", s.Line)
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

func readName(b *tagBuilder, r *row, t *mapping.Tag) {
	name := r.text(colTag)
	if name == "" {
		if !r.unknown(colTag) {
			r.problemf(colTag, "a tag needs a name")
		}
		return
	}
	if fault := tagNameFault(name); fault != "" {
		r.problemf(colTag, "%s", fault)
		return
	}
	t.Name = b.keep.own(name)
}

// tagNameFault says why name cannot be a tag's. Names become topics and fields.
func tagNameFault(name string) string {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c == 0x7F || c >= 0x80 || c == '+' || c == '#' {
			if fault := unusual(name); fault != "" {
				return fault
			}
			break
		}
	}
	switch {
	case len(name) > 255:
		return "a name has at most 255 bytes"
	case name[0] == '/' || name[len(name)-1] == '/' || strings.Contains(name, "//"):
		return "an empty level: a / needs a name before and after it"
	case name[0] == '_':
		return "names that begin with _ are the bridge's own"
	case name[0] == '$':
		return "a name must not begin with $, which brokers keep to themselves"
	case name == "time":
		return "time is what InfluxDB calls the time: choose another name"
	case strings.HasSuffix(name, ".quality"), strings.HasSuffix(name, ".text"):
		return "names that end in .quality and .text are fields beside the value: choose another name"
	}
	return ""
}

func unusual(name string) string {
	switch {
	case strings.ContainsAny(name, "+#"):
		return "a name must not have + or #, which MQTT needs for patterns"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "control characters, such as a line end, in a name"
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' }):
		return "characters that cannot be seen in a name: write it anew"
	}
	return ""
}

func (r *row) bool(c column, def bool) bool {
	text := r.text(c)
	if text == "" {
		return def
	}
	v, ok := source.ParseBool(text)
	if !ok {
		r.problemf(c, "must be true or false")
		return def
	}
	return v
}

func (r *row) duration(c column, def time.Duration, w source.Within[time.Duration]) time.Duration {
	text := r.text(c)
	if text == "" {
		return def
	}
	if r.comma {
		text = strings.Replace(text, ",", ".", 1)
	}
	v, err := source.ParseDuration(text)
	if err != nil {
		r.problemf(c, "%v", err)
		return def
	}
	if !w.Has(v) {
		r.problemf(c, "must be from %s to %s", source.ShowDuration(w.Low), source.ShowDuration(w.High))
		return def
	}
	return v
}

func readPoll(b *tagBuilder, r *row, t *mapping.Tag) {
	t.Poll = r.duration(colPoll, b.def.Poll, PollBounds)
}

func readUnit(b *tagBuilder, r *row, t *mapping.Tag) {
	unit := r.text(colUnit)
	if fault := TextFault(unit); fault != "" {
		r.problemf(colUnit, "%s", fault)
	} else if unit != "" && strings.Trim(unit, "0123456789") == "" {
		r.warnf(colUnit, "an engineering unit is a text such as °C; a Modbus unit is unit_id of the device")
	}
	t.Unit = b.keep.text(unit)
}

func readDescription(b *tagBuilder, r *row, t *mapping.Tag) {
	t.Description = b.keep.text(r.text(colDescription))
}
