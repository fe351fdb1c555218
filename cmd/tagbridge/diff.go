package main

import (
	"context"
	"fmt"

	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

type diffVerb struct {
	Old string `arg:"" help:"Configuration file as it was."`
	New string `arg:"" help:"Configuration file as it is to be."`
}

// Run prints a line for each thing that differs. The status is 0 when nothing does, 1 when something does, and 2 when
// one of the two has problems.
func (v diffVerb) Run(_ context.Context, std streams) error {
	var cache tagmap.Cache
	var both [2]*config.Config
	for i, path := range []string{v.Old, v.New} {
		cfg, problems := config.Load(path, config.Options{Stdin: std.in, Cache: &cache})
		if problems.HasProblems() {
			for _, p := range problems {
				fmt.Fprintln(std.err, p)
			}
			return exitStatus(exitBadFile)
		}
		both[i] = cfg
	}
	lines := config.Explain(both[0], both[1])
	for _, line := range lines {
		fmt.Fprintln(std.out, line)
	}
	if len(lines) > 0 {
		return exitStatus(exitFailed)
	}
	return nil
}
