package mqtt

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tagbridge/mapping"
	"tagbridge/sinks/encode"
)

// template is a topic with fields in braces, compiled once a group.
type template struct {
	parts   []part
	groups  encode.Groups[*groupTopics]
	compile func(*mapping.Group) *groupTopics
}

// part is a text that stands as it is, or the name of a field.
type part struct{ text, field string }

// topic is one topic and, with MQTT 5, the number that stands for it on a connection.
type topic struct {
	name  string
	alias alias
}

// groupTopics are the topics of a group: one for all of its series, one for each, or those of each as of says.
type groupTopics struct {
	list []topic
	of   []uint16
}

// at is the topic of series i. It is valid as long as the group is used.
func (g *groupTopics) at(i uint16) *topic {
	switch {
	case len(g.list) == 1:
		return &g.list[0]
	case g.of == nil:
		return &g.list[i]
	}
	return &g.list[g.of[i]]
}

// maxTopic is the length of a topic at most (MQTT 5, 1.5.4).
const maxTopic = 65535

// parseTemplate reads a template. The fields were checked with the configuration; what is unknown is an error here.
func parseTemplate(text string) (*template, error) {
	t := &template{}
	t.compile = t.ofGroup
	for rest := text; rest != ""; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			t.parts = append(t.parts, part{text: rest})
			break
		}
		size := strings.IndexByte(rest[open:], '}')
		if size < 0 {
			return nil, fmt.Errorf("mqtt: topic %q: braces that do not pair", text)
		}
		field := rest[open+1 : open+size]
		switch name, isLabel := strings.CutPrefix(field, "label."); {
		case isLabel && name != "":
		case field == "bridge" || field == "device" || field == "tag" || field == "unit_id":
		default:
			return nil, fmt.Errorf("mqtt: topic %q: unknown field {%s}", text, field)
		}
		t.parts = append(t.parts, part{text: rest[:open]}, part{field: field})
		rest = rest[open+size+1:]
	}
	if len(t.parts) == 0 {
		return nil, fmt.Errorf("mqtt: the topic is empty")
	}
	return t, nil
}

// of is the topics of g; it costs one look-up, so callers ask once a batch.
func (t *template) of(g *mapping.Group) *groupTopics { return t.groups.Lookup(g, t.compile) }

func (t *template) ofGroup(g *mapping.Group) *groupTopics {
	var out groupTopics
	known := make(map[string]uint16)
	out.of = make([]uint16, len(g.Series))
	var name []byte
	for i, s := range g.Series {
		name = t.append(name[:0], g, s)
		at, ok := known[string(name)]
		if !ok {
			at = uint16(len(out.list))
			known[string(name)] = at
			out.list = append(out.list, topic{name: string(name)})
		}
		out.of[i] = at
	}
	if len(out.list) == len(g.Series) {
		out.of = nil
	}
	return &out
}

func (t *template) append(dst []byte, g *mapping.Group, s *mapping.Series) []byte {
	for _, p := range t.parts {
		switch p.field {
		case "":
			dst = append(dst, p.text...)
		case "bridge":
			dst = appendLevel(dst, g.Bridge)
		case "device":
			dst = appendLevel(dst, g.Device)
		case "tag":
			dst = appendLevel(dst, s.Tag)
		case "unit_id":
			dst = strconv.AppendInt(dst, int64(g.UnitID), 10)
		default:
			dst = appendLevel(dst, labelOf(s, p.field[len("label."):]))
		}
	}
	if len(dst) <= maxTopic {
		return dst
	}
	cut := maxTopic
	for !utf8.RuneStart(dst[cut]) {
		cut--
	}
	return dst[:cut]
}

func labelOf(s *mapping.Series, name string) string {
	for _, l := range s.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// appendLevel appends text to a topic. What no topic can hold is replaced by _, and so is a missing text: a broker would
// end the connection for it, and again for ever. Names are checked with the configuration; labels may hold anything.
func appendLevel(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, '_')
	}
	for _, r := range text { // what is not UTF-8 comes as U+FFFD
		if r == '+' || r == '#' || unicode.IsControl(r) || nonCharacter(r) {
			r = '_'
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// nonCharacter reports the code points that are no characters, for which a broker may end the connection as it may for
// controls (MQTT 5, 1.5.4).
func nonCharacter(r rune) bool { return r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF }
