package main

import (
	"encoding/json"
	"fmt"

	"tagbridge/cmd/tagbridge/plan"
	"tagbridge/mapping/config"
)

type planVerb struct {
	Config string `arg:"" help:"Configuration file; - is standard input."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// planJSON is what plan prints with --json.
type planJSON struct {
	Connections []plan.Connection `json:"connections"`
	Journal     volumeJSON        `json:"journal"`
}

// Run prints a table a connection, a line a request, and what the journal needs.
func (v planVerb) Run(std streams) error {
	cfg, problems := config.Load(v.Config, config.Options{Stdin: std.in, Expand: true})
	if problems.HasProblems() {
		for _, p := range problems {
			fmt.Fprintln(std.err, p)
		}
		return exitStatus(exitBadFile)
	}
	all := planJSON{plan.Of(cfg), volumeOf(cfg)}
	if v.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(all)
	}
	for i := range all.Connections {
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		all.Connections[i].Print(std.out)
	}
	fmt.Fprintf(std.out, "\n%s\n", all.Journal)
	return nil
}
