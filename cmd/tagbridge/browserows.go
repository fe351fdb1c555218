package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tagbridge/drivers/opcua"
	"tagbridge/drivers/opcua/wire"
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

// tagRows are tags for all variables that have a value: one each, but for arrays and structures one for each part.
func tagRows(found []opcua.Found) []tagRow {
	var rows []tagRow
	names := map[string]bool{}
	add := func(r tagRow) {
		name := r.Tag
		for i := 2; names[r.Tag]; i++ {
			r.Tag = name + "_" + strconv.Itoa(i)
		}
		names[r.Tag] = true
		rows = append(rows, r)
	}
	for _, f := range found {
		if !f.Variable {
			continue
		}
		r := tagRow{Tag: tagName(f.Path), Address: f.Address, Type: mapTypes[f.Type], Unit: f.Unit, Enum: enumOf(f.Enum), Description: oneLine(f.Remark)}
		switch {
		case len(f.Members) > 0:
			for _, m := range f.Members {
				part := r
				part.Tag += "/" + tagName(strings.Split(strings.ReplaceAll(m.Element[1:], "[*]", ""), "."))
				part.Element, part.Type, part.Unit, part.Enum = m.Element, mapTypes[m.Type], "", enumOf(m.Enum)
				if f.Array >= 0 {
					part.Element = "[*]" + m.Element
				}
				if strings.Count(part.Element, "[*]") < 2 { // a map cannot say more
					add(part)
				}
			}
		case f.Array > maxElements && f.Type != wire.TypeExtension.String():
			r.Element = "[*]"
			add(r)
		case f.Array > 0 && f.Array <= maxElements && f.Type != wire.TypeExtension.String():
			for i := range f.Array {
				part := r
				part.Tag, part.Element = fmt.Sprintf("%s[%d]", r.Tag, i), fmt.Sprintf("[%d]", i)
				add(part)
			}
		case f.Array < 0 && f.Type != wire.TypeExtension.String() && f.Type != "":
			add(r)
		}
	}
	return rows
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
	name := strings.TrimLeft(strings.Join(parts, "/"), "_$")
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
		text := strings.NewReplacer("|", " ", "\n", " ", "\r", " ").Replace(strings.TrimSpace(e.Text))
		if text != "" && !seen[e.Value] {
			seen[e.Value] = true
			parts = append(parts, fmt.Sprintf("%d=%s", e.Value, text))
		}
	}
	return strings.Join(parts, "|")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
