package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tagbridge/mapping/convert"
)

type exportVerb struct {
	Map string `arg:"" help:"Tag map: .csv, .yaml or .xlsx."`
	To  string `enum:"csv,yaml,xlsx" default:"csv" help:"Format: csv, yaml, xlsx."`
	Out string `placeholder:"FILE" help:"Where to write it; default: standard output, a workbook beside the map."`
}

// Run writes the map in another format, cell by cell: and back, without loss. Comment lines are not kept.
func (v exportVerb) Run(_ context.Context, std streams) error {
	content, err := os.ReadFile(v.Map)
	if err != nil {
		return err
	}
	table, err := convert.ParseTable(v.Map, content)
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitStatus(exitBadFile)
	}
	out, err := table.Format(v.To)
	if err != nil {
		return fmt.Errorf("write %s: %w", v.To, err)
	}
	if v.Out == "" && v.To == "xlsx" {
		v.Out = strings.TrimSuffix(v.Map, filepath.Ext(v.Map)) + ".xlsx"
	}
	if v.Out == "" || v.Out == "-" {
		_, err = std.out.Write(out)
		return err
	}
	return writeNew(v.Out, 0o640, out)
}
