package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

type journalResendVerb struct {
	Dir    string `arg:"" help:"A bridge's data_dir, or the journal folder in it."`
	Sink   string `arg:"" help:"Name of the sink."`
	NoWait bool   `help:"Ask for it and return."`
}

// Run asks the bridge to send the samples that the sink rejected again, and waits until that is done. The bridge itself
// sends them, over the connection that it has; when none runs, the next one will.
func (v journalResendVerb) Run(ctx context.Context, std streams) error {
	data, _, err := dataDir(v.Dir)
	if err != nil {
		return fmt.Errorf("find journal: %w", err)
	}
	n, err := countRejected(data, v.Sink)
	if err != nil {
		return fmt.Errorf("count rejected samples: %w", err)
	}
	if n == 0 {
		return v.none(data, std)
	}
	folder := rejectedOf(data, v.Sink)
	if err := sinks.AskResend(folder); err != nil {
		return err
	}
	running, err := isRunning(v.Dir)
	if err != nil {
		return err
	}
	if !running {
		fmt.Fprintf(std.out, "%s: %s to be sent again when the bridge is started; none runs on %s\n", v.Sink, plural(n, "sample"), data)
		return nil
	}
	if v.NoWait {
		fmt.Fprintf(std.out, "%s: the bridge was asked to send %s again\n", v.Sink, plural(n, "sample"))
		return nil
	}
	if err := v.await(ctx, folder, std); err != nil {
		return err
	}
	left, err := sinks.CountRejected(folder)
	if err != nil {
		return fmt.Errorf("count rejected samples: %w", err)
	}
	fmt.Fprintf(std.out, "%s: %s sent again, %d rejected now\n", v.Sink, plural(n, "sample"), left)
	if left > 0 {
		return exitStatus(exitFailed)
	}
	return nil
}

// none says that there is nothing to be sent, which is an error for a sink that nobody knows.
func (v journalResendVerb) none(data string, std streams) error {
	in, err := inspect(v.Dir)
	if err != nil {
		return err
	}
	defer in.Close()
	sum, err := in.Summary()
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	var names []string
	for _, p := range sum.Sinks {
		if p.Sink == v.Sink {
			fmt.Fprintf(std.out, "%s: nothing is rejected\n", v.Sink)
			return nil
		}
		names = append(names, p.Sink)
	}
	return fmt.Errorf("no sink %s in %s: there are %s", v.Sink, data, strings.Join(names, ", "))
}

// await returns when the bridge has done what was asked.
func (v journalResendVerb) await(ctx context.Context, folder string, std streams) error {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	slow := time.NewTimer(10 * time.Second)
	defer slow.Stop()
	for sinks.ResendAsked(folder) {
		select {
		case <-look.C:
		case <-slow.C:
			fmt.Fprintf(std.err, "%s: still waiting; is the sink in the configuration, and does it answer? (Ctrl-C ends the waiting only)\n", v.Sink)
		case <-ctx.Done():
			return fmt.Errorf("stopped waiting: the bridge still has samples of %s to send again", v.Sink)
		}
	}
	return nil
}

// rejectedOf is the folder of what a sink rejected.
func rejectedOf(data, sink string) string { return filepath.Join(data, "rejected", sink) }

func countRejected(data, sink string) (int, error) {
	if sink == "" || sink == "." || sink == ".." || strings.ContainsRune(sink, filepath.Separator) {
		return 0, fmt.Errorf("%q is no name of a sink", sink)
	}
	return sinks.CountRejected(rejectedOf(data, sink))
}

// isRunning reports whether a bridge has the journal in or at dir.
func isRunning(dir string) (bool, error) {
	_, folder, err := dataDir(dir)
	if err != nil {
		return false, err
	}
	f, err := os.Open(filepath.Join(folder, "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("see whether a bridge runs: %w", err)
	}
	defer f.Close() // and the lock with it
	return journal.LockHeld(f)
}
