package bridge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tagbridge/drivers/opcua"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
	"tagbridge/mapping/node"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// maxElements is up to how many elements an array becomes a tag for each; a longer one is left to [*].
const maxElements = 64

// TagRow is a row of a tag map.
type TagRow struct {
	Tag         string `yaml:"tag" json:"tag"`
	Address     string `yaml:"address" json:"address"`
	Element     string `yaml:"element,omitempty" json:"element"`
	Type        string `yaml:"type,omitempty" json:"type"`
	Unit        string `yaml:"unit,omitempty" json:"unit"`
	Enum        string `yaml:"enum,omitempty" json:"enum"`
	Description string `yaml:"description,omitempty" json:"description"`
}

// OPCUARows are tags for all variables that have a value: one each, but for arrays and structures one for each part. left
// says of the others why they are in no map.
func OPCUARows(found []opcua.Found) (rows []TagRow, left []string) {
	names := map[string]bool{}
	add := func(r TagRow) {
		name := r.Tag
		for i := 2; names[r.Tag]; i++ {
			r.Tag = name + "_" + strconv.Itoa(i)
		}
		err := opcuaTag(r.cells())
		if err != nil && r.Enum != "" { // texts of what is not enumerated
			r.Enum = ""
			err = opcuaTag(r.cells())
		}
		if err != nil {
			left = append(left, r.Tag+" ("+r.Address+"): "+err.Error())
			return
		}
		names[r.Tag] = true
		rows = append(rows, r)
	}
	for i := range found {
		f := &found[i]
		if !f.Variable {
			continue
		}
		r := TagRow{Tag: tagName(f.Path), Address: f.Address, Type: mapTypes[f.Type], Unit: source.OneLine(f.Unit), Enum: enumOf(f.Enum), Description: source.OneLine(f.Remark)}
		if why := noRow(f); why != "" {
			left = append(left, strings.Join(f.Path, "/")+": "+why)
			continue
		}
		switch {
		case len(f.Members) > 0:
			for _, m := range f.Members {
				if part, ok := memberRow(r, f, m); ok {
					add(part)
				} else {
					left = append(left, part.Tag+": an array within an array: name its elements yourself")
				}
			}
		case f.Array > maxElements:
			r.Element = "[*]"
			add(r)
		case f.Array > 0:
			for i := range f.Array {
				part := r
				part.Tag, part.Element = fmt.Sprintf("%s[%d]", r.Tag, i), fmt.Sprintf("[%d]", i)
				add(part)
			}
		default:
			add(r)
		}
	}
	return rows, left
}

// noRow is why f is in no map; "" when it is in one.
func noRow(f *opcua.Found) string {
	switch {
	case len(f.Members) > 0:
		return ""
	case f.Undescribed != "":
		return f.Undescribed
	case f.Type == "":
		return "neither its value nor its type is known (" + f.Status.Error() + ")"
	case f.Type == wire.TypeExtension.String():
		return "a structure without a value: its members are not known"
	case f.Type == wire.TypeDataValue.String(), f.Type == wire.TypeDiagnosticInfo.String():
		return "a " + f.Type + " cannot be delivered"
	case f.Array == 0:
		return "an empty array: its elements are not known; [*] reads them when there are some"
	}
	return ""
}

// memberRow is the row of one member of f; false when a map cannot name it.
func memberRow(r TagRow, f *opcua.Found, m opcua.Member) (TagRow, bool) {
	at := m.Element
	if f.Array >= 0 {
		at = append(node.Element{{Each: true}}, at...)
	}
	var names []string
	stars := 0
	for _, s := range at {
		if s.Each {
			stars++
		} else {
			names = append(names, s.Member)
		}
	}
	r.Tag += "/" + tagName(names)
	r.Element, r.Type, r.Unit, r.Enum = at.String(), mapTypes[m.Type], "", enumOf(m.Enum)
	return r, stars < 2
}

// cells are the cells of r, by the headers of a map.
func (r *TagRow) cells() map[string]string {
	return map[string]string{
		"tag": r.Tag, "address": r.Address, "element": r.Element, "type": r.Type, "unit": r.Unit, "enum": r.Enum, "description": r.Description,
	}
}

// mapTypes are the types of tag maps, by built-in type; others are left to the server.
var mapTypes = map[string]string{
	"Boolean": "bool", "SByte": "int8", "Byte": "uint8", "Int16": "int16", "UInt16": "uint16", "Int32": "int32",
	"UInt32": "uint32", "Int64": "int64", "UInt64": "uint64", "Float": "float32", "Double": "float64", "String": "string",
}

// tagName is the names of a browse path as the name of a tag: without what must not be in one.
func tagName(levels []string) string {
	var parts []string
	for _, level := range levels {
		level = strings.Map(func(c rune) rune {
			switch {
			case c == '/' || c == '+' || c == '#':
				return '_'
			case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
				return -1
			}
			return c
		}, strings.TrimSpace(level))
		if level == "" {
			level = "unnamed"
		}
		parts = append(parts, level)
	}
	name := strings.TrimLeft(strings.Trim(strings.Join(parts, "/"), "“”„‟«»‘’‚"), "_$/")
	switch {
	case name == "" || name == "time":
		name += "_"
		return strings.TrimLeft("tag_"+name, "_")
	case strings.HasSuffix(name, ".quality"), strings.HasSuffix(name, ".text"):
		return name + "_"
	}
	if len(name) > 255 {
		name = strings.ToValidUTF8(name[len(name)-255:], "")
		name = strings.TrimLeft(name, "_$/")
	}
	return name
}

// enumOf is the enum column of texts.
func enumOf(texts []wire.EnumText) string {
	var parts []string
	seen := map[int64]bool{}
	for _, e := range texts {
		text := source.OneLine(strings.ReplaceAll(e.Text, "|", " "))
		if text != "" && !seen[e.Value] {
			seen[e.Value] = true
			parts = append(parts, fmt.Sprintf("%d=%s", e.Value, text))
		}
	}
	return strings.Join(parts, "|")
}

// opcuaTag reports why cells make no tag of a server; nil: they do.
func opcuaTag(cells map[string]string) error {
	t, err := tagmap.Tag(tagmap.Defaults{Driver: "opcua"}, cells)
	if err == nil && !isReadBack(t, cells) {
		return errors.New("no map can name this node: its name ends with a blank, or has control characters or bytes that are no text")
	}
	return err
}

// isReadBack reports that t, which was made of cells, reads what these name: the ends of a cell are trimmed, and a map
// that is not text as a whole is taken for one of another encoding.
func isReadBack(t *mapping.Tag, cells map[string]string) bool {
	address, element := cells["address"], cells["element"]
	return t.Node.String() == address && t.Element.String() == element &&
		utf8.ValidString(address+element) && !strings.ContainsFunc(address+element, unicode.IsControl)
}
