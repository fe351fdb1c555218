package sunspec

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Model is what the registers of one kind of model mean.
type Model struct {
	ID    int
	Label string
	Group
}

// Group is points that follow each other, and then groups.
type Group struct {
	Name   string
	Count  string // how often it is there: a number, or the name of the point that says it; 0: as often as there is room
	Points []Point
	Groups []Group
}

// Point is one value.
type Point struct {
	Name      string
	Type      string // as models have it
	Registers int
	SF        string // the point that holds its exponent, or a number; "": none
	Unit      string
	Mandatory bool
	Static    bool // it does not change while the device runs
	Symbols   []Symbol
	Text      string // what it is
	form      *form
}

// Symbol is the text of a value, or of a bit.
type Symbol struct {
	Value int64
	Text  string
}

//go:embed models.txt
var modelsText string

// models are those of the table, by number.
var models = sync.OnceValue(func() map[int]*Model {
	m, err := parseModels(modelsText)
	if err != nil {
		panic("sunspec: " + err.Error()) // it is in the program, and tested
	}
	return m
})

// ModelOf is the model of that number; nil: it is none of those that are known here.
func ModelOf(id int) *Model { return models()[id] }

// parseModels reads the table as generate.go writes it.
func parseModels(text string) (map[int]*Model, error) {
	all := map[int]*Model{}
	var before, lines []string
	var m *Model
	end := func() error {
		if m == nil {
			return nil
		}
		rest, err := parseGroup(&m.Group, lines)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("model %d: %d lines are left, %v", m.ID, len(rest), err)
		}
		before, lines = lines, nil
		all[m.ID] = m
		return nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		head, isModel := strings.CutPrefix(line, "model ")
		same, isSame := strings.CutPrefix(line, "=")
		switch {
		case strings.HasPrefix(line, "#"):
		case isModel:
			if err := end(); err != nil {
				return nil, err
			}
			f := strings.Split(head, "\t")
			id, err := strconv.Atoi(f[0])
			if err != nil || len(f) != 3 {
				return nil, fmt.Errorf("line %q", line)
			}
			m = &Model{ID: id, Label: f[2], Group: Group{Name: f[1]}}
		case isSame:
			n, err := strconv.Atoi(same)
			if err != nil || len(lines)+n > len(before) {
				return nil, fmt.Errorf("line %q: the model before has %d lines", line, len(before))
			}
			lines = append(lines, before[len(lines):len(lines)+n]...)
		default:
			lines = append(lines, line)
		}
	}
	return all, end()
}

// parseGroup reads g up to its end, and returns the lines after it.
func parseGroup(g *Group, lines []string) ([]string, error) {
	for len(lines) > 0 {
		f := strings.Split(lines[0], "\t")
		lines = lines[1:]
		switch f[0] {
		case "}":
			return lines, nil
		case "{":
			if len(f) != 3 {
				return nil, fmt.Errorf("group %q", f)
			}
			sub := Group{Name: f[1], Count: f[2]}
			var err error
			if lines, err = parseGroup(&sub, lines); err != nil {
				return nil, err
			}
			g.Groups = append(g.Groups, sub)
		default:
			p, err := parsePoint(f)
			if err != nil {
				return nil, err
			}
			g.Points = append(g.Points, p)
		}
	}
	return nil, nil
}

// parsePoint reads name, type, exponent, unit, flags, texts and description.
func parsePoint(f []string) (p Point, err error) {
	f = append(f, make([]string, 7)...)[:7]
	p = Point{Name: f[0], SF: f[2], Unit: f[3], Mandatory: strings.Contains(f[4], "M"), Static: strings.Contains(f[4], "S"), Text: f[6]}
	name, size, sized := strings.Cut(f[1], ":")
	if p.Type, p.form = name, forms[name]; p.form == nil {
		return p, fmt.Errorf("point %s: type %q", p.Name, f[1])
	}
	p.Registers = p.form.registers
	if sized {
		if p.Registers, err = strconv.Atoi(size); err != nil {
			return p, fmt.Errorf("point %s: %w", p.Name, err)
		}
	}
	if f[5] == "" {
		return p, nil
	}
	for part := range strings.SplitSeq(f[5], "|") {
		value, text, _ := strings.Cut(part, "=")
		v, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return p, fmt.Errorf("point %s: %w", p.Name, err)
		}
		p.Symbols = append(p.Symbols, Symbol{v, text})
	}
	return p, nil
}
