package main

import (
	"context"
	"fmt"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/plan"
	"tagbridge/cmd/tagbridge/web"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

type checkVerb struct {
	Config string `arg:"" help:"Configuration file; - is standard input."`
	Online bool   `help:"Also connect, read every tag once and print value and quality."`
	Strict bool   `help:"Warnings count as problems."`
}

// Run prints problems and warnings one a line; the summary goes to standard error.
func (v checkVerb) Run(ctx context.Context, std streams) error {
	cfg, problems := config.Load(v.Config, config.Options{Stdin: std.in, Expand: true})
	if !problems.HasProblems() {
		problems = append(problems, checkFiles(cfg)...)
		problems = append(problems, plan.Overloads(cfg)...)
		problems = append(problems, tooShort(cfg)...)
	}
	for _, p := range problems {
		fmt.Fprintln(std.out, p)
	}
	count, warnings := countProblems(problems)
	fmt.Fprintf(std.err, "%s: %s\n", v.Config, summary(cfg, count, warnings))
	if count == 0 {
		fmt.Fprintf(std.err, "%s: %s\n", v.Config, volumeOf(cfg))
		for _, unit := range unitsOf(cfg) {
			fmt.Fprintf(std.err, "%s: %s\n", v.Config, unit)
		}
	}
	if count > 0 || v.Strict && warnings > 0 {
		return exitStatus(exitBadFile)
	}
	if v.Online {
		return checkOnline(ctx, cfg, std)
	}
	return nil
}

// checkFiles is what running cfg would find wrong with the files that it names.
func checkFiles(cfg *config.Config) source.Problems {
	return append(web.Check(cfg), bridge.Check(cfg)...)
}

func countProblems(list source.Problems) (problems, warnings int) {
	for _, p := range list {
		if p.Warning {
			warnings++
		} else {
			problems++
		}
	}
	return problems, warnings
}

func summary(cfg *config.Config, problems, warnings int) string {
	text := plural(problems, "problem") + ", " + plural(warnings, "warning")
	if cfg == nil {
		return text
	}
	tags := 0
	for _, d := range cfg.Devices {
		tags += len(d.Tags)
	}
	return fmt.Sprintf("%s, %s, %s: %s", plural(len(cfg.Devices), "device"), plural(tags, "tag"), plural(len(cfg.Sinks), "sink"), text)
}

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
