package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/mapping/config"
)

type rollbackVerb struct {
	Config  string `arg:"" help:"Configuration file."`
	Number  int    `arg:"" optional:"" help:"Which of the listed ones to return to; without, they are listed."`
	DataDir string `help:"Data directory, where the configuration no longer says it."`
}

// Run lists the configurations that were applied, or puts one of them and its tag maps back where they were. A bridge
// that watches its files applies it by itself, another one after SIGHUP.
func (v rollbackVerb) Run(_ context.Context, std streams) error {
	if v.Config == "-" {
		return errors.New("standard input cannot be rolled back")
	}
	if err := v.takeBack(std); err != nil {
		return err
	}
	h := bridge.HistoryIn(v.dataDir())
	list, err := h.List()
	if err != nil {
		return fmt.Errorf("list applied configurations: %w", err)
	}
	main, err := filepath.Abs(v.Config)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(a bridge.Applied) bool { return a.Files[0].Path != main })
	switch {
	case len(list) == 0:
		return fmt.Errorf("no configuration %s was applied by a bridge with the data directory %s: name the bridge's with --data-dir", main, v.dataDir())
	case v.Number == 0:
		v.list(h, list, std)
		return nil
	case v.Number < 1 || v.Number > len(list):
		return fmt.Errorf("there is no number %d: 1 to %d", v.Number, len(list))
	}
	chosen := list[v.Number-1]
	if err := v.keep(h, chosen); err != nil {
		return fmt.Errorf("keep what is replaced: %w", err)
	}
	if err := v.put(h, chosen); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s and its tag maps are as applied at %s\n", v.Config, stamp(chosen.Time))
	return nil
}

func (v rollbackVerb) dataDir() string {
	if v.DataDir != "" {
		return v.DataDir
	}
	cfg, _ := config.Load(v.Config, config.Options{})
	return bridge.DataDir(cfg, v.Config)
}

// takeBack takes back first what somebody who was killed has left half changed, and says so.
func (v rollbackVerb) takeBack(std streams) error {
	taken, err := edit.Recover(v.dataDir())
	if err != nil {
		return err
	}
	if taken != "" {
		fmt.Fprintf(std.err, "tagbridge: %s\n", taken)
	}
	return nil
}

// put writes the files as they were, all of them or none.
func (v rollbackVerb) put(h bridge.History, chosen bridge.Applied) error {
	contents, err := h.Contents(chosen)
	if err != nil {
		return err
	}
	var texts []edit.Text
	for i, f := range chosen.Files {
		texts = append(texts, edit.Text{Path: f.Path, Content: contents[i]})
	}
	return edit.Put(v.dataDir(), "tagbridge rollback", texts)
}

// keep adds the files that are about to be replaced to the history.
func (v rollbackVerb) keep(h bridge.History, chosen bridge.Applied) error {
	var now []bridge.File
	for _, f := range chosen.Files {
		b, err := os.ReadFile(f.Path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		now = append(now, bridge.NewFile(f.Path, b))
	}
	if len(now) == 0 || now[0].Path != chosen.Files[0].Path {
		return nil // the configuration itself is gone
	}
	return h.AddReplaced(now, time.Now())
}

// list prints what can be chosen, the newest first, with the difference to the files as they are.
func (v rollbackVerb) list(h bridge.History, list []bridge.Applied, std streams) {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "number\tapplied\tfiles\tdifferent now\tby")
	for i, a := range list {
		var names []string
		for _, f := range a.Files {
			was, err := h.Content(f)
			if err != nil {
				names = append(names, filepath.Base(f.Path)+" (lost)")
				continue
			}
			if is, err := os.ReadFile(f.Path); err != nil || string(is) != string(was) {
				names = append(names, filepath.Base(f.Path))
			}
		}
		different := strings.Join(names, " ")
		if different == "" {
			different = "nothing"
		}
		applied := stamp(a.Time)
		if a.Replaced {
			applied += " replaced by a rollback"
		}
		by := a.By
		if a.Comment != "" {
			by += ": " + a.Comment
		}
		fmt.Fprintf(table, "%d\t%s\t%d\t%s\t%s\n", i+1, applied, len(a.Files), different, forTerminal(by))
	}
	table.Flush()
}

func stamp(t time.Time) string { return t.Local().Format(stampForm) }

const stampForm = "2006-01-02 15:04:05"
