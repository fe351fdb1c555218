package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tagbridge/configs"
	"tagbridge/mapping/convert"
	"tagbridge/mapping/tagmap"
)

type exportVerb struct {
	Map string `arg:"" help:"Tag map: .csv, .yaml or .xlsx, also FILE.xlsx#SHEET."`
	To  string `enum:"csv,yaml,xlsx" default:"csv" help:"Format: csv, yaml, xlsx."`
	Out string `placeholder:"FILE" help:"Where to write it; default: standard output, a workbook beside the map."`
}

// Run writes the map in another format, cell by cell: and back, without loss. Comment lines are not kept.
func (v exportVerb) Run(_ context.Context, std streams) error {
	file, _ := tagmap.SplitSheet(v.Map)
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	table, err := convert.ParseTable(v.Map, content)
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitStatus(exitBadFile)
	}
	out, err := v.format(table)
	if err != nil {
		return fmt.Errorf("write %s: %w", v.To, err)
	}
	if v.Out == "" && v.To == "xlsx" {
		file, _ := tagmap.SplitSheet(v.Map)
		v.Out = strings.TrimSuffix(file, filepath.Ext(file)) + ".xlsx"
	}
	if v.Out == "" || v.Out == "-" {
		_, err = std.out.Write(out)
		return err
	}
	return writeNew(v.Out, 0o640, out)
}

func (v exportVerb) format(table *convert.Table) ([]byte, error) {
	if v.To == "xlsx" {
		return table.Workbook(columnNotes())
	}
	return table.Format(v.To)
}

// columnNotes tells what a column means, as the manual has it.
func columnNotes() func(column string) string {
	notes := map[string]string{}
	page, err := configs.Manual.ReadFile("manual/reference/columns.md")
	if err != nil {
		return func(string) string { return "" }
	}
	for line := range strings.Lines(string(page)) {
		const bar = "\x00"
		cells := strings.Split(strings.Trim(strings.ReplaceAll(strings.TrimSpace(line), `\|`, bar), "|"), "|")
		if len(cells) < 2 {
			continue
		}
		meaning := inline(strings.TrimSpace(strings.ReplaceAll(cells[len(cells)-1], bar, "|")))
		for _, name := range strings.Fields(strings.ReplaceAll(cells[0], ",", " ")) {
			if name = strings.Trim(name, "`"); meaning != "" && notes[name] == "" {
				notes[name] = meaning
			}
		}
	}
	return func(column string) string {
		if strings.HasPrefix(column, "label.") {
			column = "label.X"
		}
		return notes[column]
	}
}
