package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tagbridge/cmd/tagbridge/manual"
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
		return table.Workbook(manual.Meaning)
	}
	return table.Format(v.To)
}
