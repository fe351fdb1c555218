package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/source"
)

// ErrNoReload is why a configuration from standard input stays as it is.
var ErrNoReload = errors.New("the configuration was read from standard input: it cannot be read again")

// ErrStopped is why a bridge that has stopped does not reload.
var ErrStopped = errors.New("the bridge has stopped")

// ask is a call of Reload that waits for its turn, or its end.
type ask struct {
	files *source.Files
	found chan source.Problems
}

// Reload loads the configuration, with files over those on disk, and makes it the running one; whoever gives files is to
// write them, as the next reload without them goes by what is on disk. It returns when that is done, with what was found:
// when that has problems, and not only warnings, the reload was refused and all runs on as before.
//
// It is safe for concurrent use: reloads, those by SIGHUP and by watching among them, are one after the other, and those of
// several callers in the order of the calls. An error says that it is not known what became of it: with ctx's, a reload
// that had begun goes on to its end by itself, and one that had not never begins.
func (b *Bridge) Reload(ctx context.Context, files *source.Files) (source.Problems, error) {
	if b.o.Load == nil {
		return nil, ErrNoReload
	}
	a := ask{files, make(chan source.Problems, 1)}
	select {
	case b.asks <- a:
	case <-b.stopped:
		return nil, ErrStopped
	case <-ctx.Done():
		return nil, fmt.Errorf("the reload has not begun: %w", ctx.Err())
	}
	select {
	case found := <-a.found:
		return found, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("the reload goes on: %w", ctx.Err())
	}
}

// reload loads the configuration and changes what is different; see Reload. It is attend's alone.
func (b *Bridge) reload(ctx context.Context, files *source.Files) source.Problems {
	if b.o.Load == nil {
		b.o.Log.Error("reload refused", "err", ErrNoReload, "event", events.RefusedReload)
		b.reloads.note([]string{ErrNoReload.Error()})
		return nil
	}
	b.notify.reloading()
	defer func() { b.notify.ready(b.status()) }()
	began := time.Now()
	if files == nil {
		b.watcher.begin()
	}
	var got Loaded
	AtLowPriority(func() { got = b.o.Load(files) })
	if files == nil {
		b.watcher.loaded(got.Files)
		b.secrets.watch(secretsAmong(got.Files))
	}
	found, changes := b.accept(ctx, got)
	problems := textsOf(found)
	b.sayRefused(problems)
	if files != nil && len(problems) > 0 {
		b.reloads.refuse() // what is on disk is as good as before
		if b.reloads.state().RefusedSince.IsZero() {
			b.events.Keep(func(e *events.Event) bool { return e.Kind != events.RefusedReload })
		}
		return found
	}
	b.reloads.note(problems)
	if files != nil { // which come to the disk later
		b.watcher.watch(got.Files)
		b.secrets.watch(secretsAmong(got.Files))
	}
	if len(problems) == 0 {
		b.o.Log.Info("reloaded", "what", inShort(changes), "took", time.Since(began).Round(time.Millisecond), "event", events.Reload)
	}
	return found
}

// accept applies what was loaded, unless there are reasons not to, which are among what it found; changes are what was
// applied.
func (b *Bridge) accept(ctx context.Context, got Loaded) (found source.Problems, changes []string) {
	found = refusals(got, b.now.Load().cfg)
	if found.HasProblems() {
		return found, nil
	}
	changes, err := b.apply(ctx, got)
	if err != nil {
		found = append(found, source.Problem{File: got.Config.File, Message: err.Error()})
	}
	return found, changes
}
