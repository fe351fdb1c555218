package config

import (
	"fmt"
	"strings"
	"testing"
)

// loadDerived loads a map of a device with so many tags t0, t1, …, and of one that is computed from them by rows.
func loadDerived(read int, rows string) (tags int, problems []string) {
	var text strings.Builder
	text.WriteString("[")
	for i := range read {
		fmt.Fprintf(&text, "{tag: t%d, address: \"holding:%d\"},\n", i, i%60_000)
	}
	text.WriteString("]")
	c, ps := loadWithMap(`{devices: [{name: plc, url: "tcp://h", tags: `+text.String()+`}, {name: sum, driver: derived, of: plc, tags: [map.csv]}], sinks: []}`,
		[]byte("tag,expr\n"+rows))
	for _, p := range ps {
		if !p.Warning && p.File == "map.csv" {
			problems = append(problems, p.Message)
		}
	}
	return len(c.Devices[1].Tags), problems
}

// TestHostileFormulas are maps of formulas that are made to cost much: each costs its own rows and a moment, else the test
// times out.
func TestHostileFormulas(t *testing.T) {
	rows := func(n int, f func(i int) string) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "s%d,\"%s\"\n", i, f(i))
		}
		return text.String()
	}
	const many = 5_000
	for name, c := range map[string]struct {
		rows     string
		tags     int
		problems int // at least
		says     string
	}{
		"a chain":            {"s-1,t0\n" + rows(many, func(i int) string { return fmt.Sprintf("sum/s%d + 1", i-1) }), many, 0, ""},
		"a chain, upwards":   {rows(many, func(i int) string { return fmt.Sprintf("`sum/s%d` + 1", i+1) }), 0, 1, "and so on, for more than"},
		"a circle of all":    {rows(500, func(i int) string { return fmt.Sprintf("sum/s%d", (i+1)%500) }), 0, 500, "computed from itself"},
		"each its own":       {rows(many, func(i int) string { return fmt.Sprintf("sum/s%d", i) }), 0, many, "computed from itself"},
		"inputs":             {rows(many, func(i int) string { return fmt.Sprintf("t%d + t%d + t%d", i, (i+1)%many, (i*7)%many) }), many, 0, ""},
		"nearly names":       {rows(many, func(i int) string { return fmt.Sprintf("T%d_", i) }), 0, many, "unknown tag"},
		"brackets":           {rows(many, func(int) string { return strings.Repeat("(", 400) }), 0, many, "brackets"},
		"one good among bad": {rows(many, func(int) string { return "1 +" }) + "good,t1\n", 1, many, ""},
	} {
		tags, problems := loadDerived(many, c.rows)
		if tags < c.tags || len(problems) < c.problems || c.problems == 0 && len(problems) > 0 {
			t.Errorf("%s: %d tags, %d problems %.300q, want %d and %d", name, tags, len(problems), fmt.Sprint(problems), c.tags, c.problems)
		}
		if len(problems) > 0 && !strings.Contains(problems[0], c.says) {
			t.Errorf("%s: %.300s, want %s", name, problems[0], c.says)
		}
	}
}
