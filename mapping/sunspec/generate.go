//go:build ignore

// This program writes models.txt, the table of SunSpec models that is in the program, from the models as the SunSpec
// Alliance publishes them (json/model_N.json of github.com/sunspec/models):
//
//	go run mapping/sunspec/generate.go FOLDER >mapping/sunspec/models.txt
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// useful are the models that are taken, in their order.
var useful = []int{
	1, 101, 102, 103, 111, 112, 113, 120, 121, 122, 123, 124, 160, 201, 202, 203, 204, 211, 212, 213, 214,
	701, 702, 703, 704, 705, 706, 707, 708, 709, 710, 711, 712, 713, 714, 802,
}

type group struct {
	Name, Label, Desc string
	Count             any
	Points            []point
	Groups            []group
}

type point struct {
	Name, Label, Desc, Type, Units, Mandatory, Static string
	Size                                              int
	SF                                                any
	Symbols                                           []struct {
		Name  string
		Value int64
	}
}

// units are those that maps write in another way.
var units = map[string]string{
	"C": "°C", "Pct": "%", "Secs": "s", "S": "s", "AH": "Ah", "WH": "Wh", "Varh": "varh", "Var": "var", "ohms": "Ω",
	"PF": "cosφ", "cos()": "cosφ", "VNomPct": "% VNom", "WMaxPct": "% WMax", "VarPct": "% var", "DeptRef": "", "%WHRtg": "%",
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("which folder? It holds model_1.json and the others")
	}
	w := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(w, "# Written by generate.go from the models of the SunSpec Alliance, as NOTICE says. Do not edit.")
	var before []string
	for _, id := range useful {
		lines := model(id)
		fmt.Fprintln(w, lines[0])
		ditto(w, lines[1:], before)
		before = lines[1:]
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}

func model(id int) []string {
	text, err := os.ReadFile(filepath.Join(os.Args[1], fmt.Sprintf("model_%d.json", id)))
	if err != nil {
		log.Fatal(err)
	}
	var m struct {
		ID    int
		Group group
	}
	if err := json.Unmarshal(text, &m); err != nil {
		log.Fatalf("model %d: %v", id, err)
	}
	return append([]string{fmt.Sprintf("model %d\t%s\t%s", id, m.Group.Name, label(m.Group.Label, m.Group.Desc))}, body(m.Group)...)
}

// body is the points and groups of g, a line each.
func body(g group) (lines []string) {
	for _, p := range g.Points {
		lines = append(lines, line(p))
	}
	for _, sub := range g.Groups {
		count := "1"
		if sub.Count != nil {
			count = fmt.Sprint(sub.Count)
		}
		lines = append(lines, fmt.Sprintf("{\t%s\t%s", sub.Name, count))
		lines = append(append(lines, body(sub)...), "}")
	}
	return lines
}

// line is name, type with its registers, exponent, unit, flags, texts and description; what is empty at the end is left out.
func line(p point) string {
	kind := p.Type
	if kind == "string" || kind == "pad" {
		kind += fmt.Sprint(":", p.Size)
	}
	sf := ""
	if p.SF != nil {
		sf = fmt.Sprint(p.SF)
	}
	unit, known := units[p.Units]
	if !known {
		unit = strings.TrimSpace(p.Units)
	}
	if p.Name == "WAval" {
		unit = "W" // the model says var
	}
	flags := p.Mandatory + p.Static
	var texts []string
	for _, s := range p.Symbols {
		if name := symbol(s.Name); name != "" {
			texts = append(texts, fmt.Sprintf("%d=%s", s.Value, name))
		}
	}
	desc := label(p.Desc, p.Label)
	if p.Type == "sunssf" || p.Name == "ID" || p.Name == "L" {
		desc = ""
	}
	return strings.TrimRight(strings.Join([]string{p.Name, kind, sf, unit, flags, strings.Join(texts, "|"), desc}, "\t"), "\t")
}

var nameless = regexp.MustCompile(`(?i)^(OEM\d+|reserved[_\d]*)$`)

// symbol is the text of a value; "" where it says nothing.
func symbol(name string) string {
	name = strings.TrimPrefix(name, "M_EVENT_")
	if nameless.MatchString(name) {
		return ""
	}
	return name
}

var blanks = regexp.MustCompile(`\s+`)

// label is the first of some texts that is not empty, on one line.
func label(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimRight(strings.TrimSpace(blanks.ReplaceAllString(t, " ")), "."); t != "" {
			return t
		}
	}
	return ""
}

// ditto writes lines, those that are as in the model before as "=COUNT".
func ditto(w *bufio.Writer, lines, before []string) {
	same := 0
	flush := func() {
		if same > 0 {
			fmt.Fprintf(w, "=%d\n", same)
		}
		same = 0
	}
	for i, l := range lines {
		if i < len(before) && before[i] == l {
			same++
			continue
		}
		flush()
		fmt.Fprintln(w, l)
	}
	flush()
}
