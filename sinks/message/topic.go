package message

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"tagbridge/mapping"
)

// Syntax is what a protocol's topics may hold. Besides what it names, no topic gets controls or code points that are no
// characters from a tag map.
type Syntax struct {
	Size     int    // bytes of a topic at most
	Reserved string // characters that mean something and that no name or label may bring in
	Level    byte   // is between levels, which a / in a name or label is between, too; 0: the / itself is
}

// MQTT is the syntax of topics there (MQTT 5, 1.5.4 and 4.7). Levels in the name of a tag are levels of the topic.
var MQTT = Syntax{Size: 65535, Reserved: "+#"}

// NATS is the syntax of subjects there: levels are tokens between dots, none may be empty, * and > are for subscribing, blanks
// end a subject, and $ begins those of the server. A server takes 4 KiB of a line (max_control_line), which has more than
// the subject.
var NATS = Syntax{Size: 2048, Reserved: " .*>$", Level: '.'}

// Topic is where messages go to. It stays the same as long as the group of the series is in use.
type Topic struct {
	Name string
	Own  any // the sink's, for what it knows of the topic; nil at first
}

// topics makes the topics of each group once.
type topics struct {
	template mapping.Template
	syntax   Syntax
	groups   mapping.PerGroup[*groupTopics]
	make     func(*mapping.Group) *groupTopics
}

func (t *topics) init(template mapping.Template, syntax Syntax) error {
	if template.String() == "" {
		return errors.New("the topic is empty")
	}
	t.template, t.syntax = template, syntax
	t.make = t.ofGroup
	return nil
}

// of is the topics of g; it costs one look-up, so callers ask once a batch.
func (t *topics) of(g *mapping.Group) *groupTopics { return t.groups.Lookup(g, t.make) }

// groupTopics are the topics of a group: one for all of its series, one for each, or those of each as of says.
type groupTopics struct {
	list []Topic
	of   []uint16
}

// number is which topic of list series i has.
func (g *groupTopics) number(i uint16) uint16 {
	switch {
	case len(g.list) == 1:
		return 0
	case g.of == nil:
		return i
	}
	return g.of[i]
}

// at is the topic of series i.
func (g *groupTopics) at(i uint16) *Topic { return &g.list[g.number(i)] }

func (t *topics) ofGroup(g *mapping.Group) *groupTopics {
	var out groupTopics
	known := make(map[string]uint16)
	out.of = make([]uint16, len(g.Series))
	var name []byte
	for i, s := range g.Series {
		name = t.syntax.cut(t.template.Append(name[:0], g, s, t.syntax.appendField))
		at, ok := known[string(name)]
		if !ok {
			at = uint16(len(out.list))
			known[string(name)] = at
			out.list = append(out.list, Topic{Name: string(name)})
		}
		out.of[i] = at
	}
	if len(out.list) == len(g.Series) {
		out.of = nil
	}
	return &out
}

// cut is a topic without what is too long of it.
func (s Syntax) cut(topic []byte) []byte {
	if len(topic) <= s.Size {
		return topic
	}
	end := s.Size
	for !utf8.RuneStart(topic[end]) {
		end--
	}
	if s.Level != 0 && topic[end-1] == s.Level {
		end--
	}
	return topic[:end]
}

// appendField appends what a field holds. What no topic can hold is replaced by _, and so is a missing text: the other side
// would end the connection for it, and again for ever. Names are checked with the configuration; labels may hold anything.
func (s Syntax) appendField(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, '_')
	}
	start := len(dst)
	for _, r := range text { // what is not UTF-8 comes as U+FFFD
		if r == '/' && s.Level != 0 {
			dst = append(s.filled(dst, start), s.Level)
			continue
		}
		if strings.ContainsRune(s.Reserved, r) || unicode.IsControl(r) || nonCharacter(r) {
			r = '_'
		}
		dst = utf8.AppendRune(dst, r)
	}
	if s.Level != 0 {
		dst = s.filled(dst, start)
	}
	return dst
}

// filled is dst whose last level, of a field that begins at start, is not empty.
func (s Syntax) filled(dst []byte, start int) []byte {
	if len(dst) == start || dst[len(dst)-1] == s.Level {
		return append(dst, '_')
	}
	return dst
}

// nonCharacter reports the code points that are no characters, for which a broker may end the connection as it may for
// controls (MQTT 5, 1.5.4).
func nonCharacter(r rune) bool { return r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF }
