package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/cmd/tagbridge/when"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

type gapsVerb struct {
	Target string   `arg:"" help:"Configuration file, or a bridge's data_dir (also a copy)."`
	Since  string   `placeholder:"T" help:"From then on: 2026-03-01T02:00:00Z, 2026-03-01 02:00, 02:00 (today), -6h, -2d."`
	Until  string   `placeholder:"T" help:"Up to before then."`
	Match  []string `placeholder:"PATTERN" help:"Gaps in reading of these tags only, as in match; one without / is any device's tag. May be repeated."`
	JSON   bool     `name:"json" help:"Print JSON."`
}

// Run prints what is missing, and has status 1 when something is, or when that cannot be told.
func (v gapsVerb) Run(ctx context.Context, std streams) error {
	q, err := v.query(time.Now())
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitStatus(exitBadFile)
	}
	dir, cfg, err := v.dataDir(std)
	if err != nil {
		return err
	}
	r, err := bridge.GapsIn(ctx, dir, cfg, q)
	if err != nil {
		return err
	}
	if v.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(r)
	} else {
		err = printGaps(std.out, r)
	}
	if err != nil {
		return err
	}
	if r.Tags == 0 && len(v.Match) > 0 {
		fmt.Fprintf(std.err, "tagbridge: there is no tag that %s matches\n", strings.Join(v.Match, ", "))
		return exitStatus(exitFailed)
	}
	if r.Missing || r.Incomplete {
		return exitStatus(exitFailed)
	}
	return nil
}

func (v gapsVerb) query(now time.Time) (q gaps.Query, err error) {
	if q.Match, err = mapping.ParsePatterns(v.Match); err != nil {
		return q, fmt.Errorf("--match: %w", err)
	}
	q.Since, q.Until, err = when.Span(v.Since, v.Until, now)
	return q, err
}

// dataDir is the data directory that the target means, and the configuration that it is, if it is one.
func (v gapsVerb) dataDir(std streams) (dir string, cfg *config.Config, err error) {
	info, err := os.Stat(v.Target)
	switch {
	case v.Target == "-":
	case err != nil:
		return "", nil, fmt.Errorf("%w%s", err, permissionRemedy(err))
	case info.IsDir():
		dir := filepath.Clean(v.Target)
		if name := filepath.Base(dir); name == "journal" || name == "events" {
			if inner, err := os.Stat(filepath.Join(dir, "journal")); err != nil || !inner.IsDir() {
				return filepath.Dir(dir), nil, nil
			}
		}
		return dir, nil, nil
	}
	cfg, _ = config.Load(v.Target, config.Options{Stdin: std.in})
	dir = bridge.DataDir(cfg, v.Target)
	if _, err := os.Stat(dir); err != nil {
		return "", nil, fmt.Errorf("data_dir of %s: %w%s", v.Target, err, permissionRemedy(err))
	}
	return dir, cfg, nil
}
