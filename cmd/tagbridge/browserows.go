package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tagbridge/drivers/opcua"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// browseTimeout is that of a request: servers take their time over large folders.
const browseTimeout = 10 * time.Second

// maxElements is up to how many elements an array becomes a tag for each; a longer one is left to [*].
const maxElements = 64

// tagRow is a row of a tag map.
type tagRow struct {
	Tag         string `yaml:"tag"`
	Address     string `yaml:"address"`
	Element     string `yaml:"element,omitempty"`
	Type        string `yaml:"type,omitempty"`
	Unit        string `yaml:"unit,omitempty"`
	Enum        string `yaml:"enum,omitempty"`
	Description string `yaml:"description,omitempty"`
}

// tagRows are tags for all variables that have a value: one each, but for arrays and structures one for each part. left
// says of the others why they are in no map.
func tagRows(found []opcua.Found) (rows []tagRow, left []string) {
	names := map[string]bool{}
	add := func(r tagRow) {
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
		r := tagRow{Tag: tagName(f.Path), Address: f.Address, Type: mapTypes[f.Type], Unit: oneLine(f.Unit), Enum: enumOf(f.Enum), Description: oneLine(f.Remark)}
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
func memberRow(r tagRow, f *opcua.Found, m opcua.Member) (tagRow, bool) {
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
func (r *tagRow) cells() map[string]string {
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
		text := oneLine(strings.ReplaceAll(e.Text, "|", " "))
		if text != "" && !seen[e.Value] {
			seen[e.Value] = true
			parts = append(parts, fmt.Sprintf("%d=%s", e.Value, text))
		}
	}
	return strings.Join(parts, "|")
}

// oneLine is s on one line, without what cannot be seen.
func oneLine(s string) string {
	s = strings.Map(func(c rune) rune {
		if !unicode.IsSpace(c) && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) {
			return -1
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
