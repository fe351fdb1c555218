package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

type diffVerb struct {
	Old     string `arg:"" help:"Configuration file as it was; alone: as it is on disk, against what the bridge applied last."`
	New     string `arg:"" optional:"" help:"Configuration file as it is to be."`
	DataDir string `help:"Data directory of the bridge, where the configuration does not say it."`
}

// Run prints a line for each thing that differs. The status is 0 when nothing does, 1 when something does, and 2 when
// one of the two has problems or is not there.
func (v diffVerb) Run(_ context.Context, std streams) error {
	var cache tagmap.Cache
	o := config.Options{Stdin: std.in, Cache: &cache}
	if v.New == "" {
		return v.sinceApplied(o, std)
	}
	if v.DataDir != "" {
		return undiffed(std, "--data-dir is for one configuration, which is compared with what the bridge applied")
	}
	old, problems := config.Load(v.Old, o)
	if problems.HasProblems() {
		return misread(problems, std)
	}
	cfg, problems := config.Load(v.New, o)
	if problems.HasProblems() {
		return misread(problems, std)
	}
	return differing(old, cfg, std)
}

// sinceApplied compares what is on disk with what was applied last.
func (v diffVerb) sinceApplied(o config.Options, std streams) error {
	if v.Old == "-" {
		return undiffed(std, "what is read from standard input is not kept when it is applied: name the file that the bridge runs")
	}
	cfg, problems := config.Load(v.Old, o)
	if problems.HasProblems() {
		return misread(problems, std)
	}
	dir := v.DataDir
	if dir == "" {
		dir = cfg.Bridge.DataDir
	}
	h := bridge.HistoryIn(dir)
	last, found, err := h.LastApplied(v.Old)
	switch {
	case err != nil && os.IsPermission(err):
		return undiffed(std, "%v: only the user of the bridge may read what was applied, run this as that user", err)
	case err != nil:
		return undiffed(std, "read what was applied: %v", err)
	case !found:
		return undiffed(std, "%s", neverApplied(h, v.Old, dir))
	}
	o.Files = h.Texts(last)
	old, problems := config.Load(v.Old, o)
	if problems.HasProblems() {
		fmt.Fprintf(std.err, "tagbridge: what was applied at %s cannot be read any more:\n", stamp(last.Time))
		return misread(problems, std)
	}
	fmt.Fprintf(std.err, "tagbridge: from what was applied at %s to what is on disk\n", stamp(last.Time))
	return differing(old, cfg, std)
}

// neverApplied says that nothing was, and what may be the reason.
func neverApplied(h bridge.History, path, dir string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	text := fmt.Sprintf("nothing was applied yet of %s by a bridge with the data directory %s: start it with tagbridge run, or name its data directory with --data-dir", path, dir)
	if list, err := h.List(); err == nil && len(list) > 0 {
		text += fmt.Sprintf("; the bridge of this one ran %s last", list[0].Files[0].Path)
	}
	return text
}

// differing prints the difference.
func differing(old, cfg *config.Config, std streams) error {
	lines := config.Explain(old, cfg)
	for _, line := range lines {
		fmt.Fprintln(std.out, line)
	}
	if len(lines) > 0 {
		return exitStatus(exitFailed)
	}
	return nil
}

func misread(problems source.Problems, std streams) error {
	for _, p := range problems {
		fmt.Fprintln(std.err, p)
	}
	return exitStatus(exitBadFile)
}

// undiffed says why there is nothing to compare, which is neither equal nor different.
func undiffed(std streams, format string, args ...any) error {
	fmt.Fprintln(std.err, "tagbridge:", forTerminal(fmt.Sprintf(format, args...)))
	return exitStatus(exitBadFile)
}
