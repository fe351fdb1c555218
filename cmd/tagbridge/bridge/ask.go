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

// ask is a call of Reload or Apply that waits for its turn, or its end.
type ask struct {
	files *source.Files
	note  Note
	write func() error // nil: there is nothing to be written before
	done  chan Reloaded
}

// Note is who asked for a reload, and why; it is kept with what was applied.
type Note struct{ By, Comment string }

// Reloaded is what became of a reload.
type Reloaded struct {
	Problems source.Problems // and warnings; with problems it was refused, and all runs on as before
	Changes  []string        // what was applied, in words
	failed   error           // what kept write from writing: it was not begun
}

// Reload loads the configuration, with files over those on disk, and makes it the running one; whoever gives files is to
// write them, as the next reload without them goes by what is on disk. It returns when that is done, with what was found:
// when that has problems, and not only warnings, the reload was refused and all runs on as before.
//
// It is safe for concurrent use: reloads, those by SIGHUP and by watching among them, are one after the other, and those of
// several callers in the order of the calls. An error says that it is not known what became of it: with ctx's, a reload
// that had begun goes on to its end by itself, and one that had not never begins.
func (b *Bridge) Reload(ctx context.Context, files *source.Files) (source.Problems, error) {
	done, err := b.ask(ctx, ask{files: files})
	return done.Problems, err
}

// Apply is Reload of what is on disk after write has written it, for somebody who is named in the history. No other reload finds
// what write has done by half; with its error, which is to have undone what it did, nothing is reloaded. ErrNoReload and
// ErrStopped say that it was not called.
func (b *Bridge) Apply(ctx context.Context, note Note, write func() error) (Reloaded, error) {
	done, err := b.ask(ctx, ask{note: note, write: write})
	return done, errors.Join(err, done.failed)
}

// answer does what was asked for. It is attend's alone.
func (b *Bridge) answer(ctx context.Context, a *ask) Reloaded {
	if a.write != nil {
		if err := a.write(); err != nil {
			return Reloaded{failed: err}
		}
	}
	return b.reload(ctx, a.files, a.note)
}

func (b *Bridge) ask(ctx context.Context, a ask) (Reloaded, error) {
	if b.o.Load == nil {
		return Reloaded{}, ErrNoReload
	}
	a.done = make(chan Reloaded, 1)
	select {
	case b.asks <- a:
	case <-b.stopped:
		return Reloaded{}, ErrStopped
	case <-ctx.Done():
		return Reloaded{}, fmt.Errorf("the reload has not begun: %w", ctx.Err())
	}
	select {
	case done := <-a.done:
		return done, nil
	case <-ctx.Done():
		return Reloaded{}, fmt.Errorf("the reload goes on: %w", ctx.Err())
	}
}

// load loads the configuration, one after another: what one has read of maps is the next one's.
func (b *Bridge) load(files *source.Files) (got Loaded) {
	b.loading.Lock()
	defer b.loading.Unlock()
	AtLowPriority(func() { got = b.o.Load(files) })
	return got
}

// Try loads the configuration with files over those on disk, and finds wrong with it what Reload would; nothing changes.
// It is safe for concurrent use.
func (b *Bridge) Try(files *source.Files) (Loaded, error) {
	if b.o.Load == nil {
		return Loaded{}, ErrNoReload
	}
	got := b.load(files)
	got.Problems = refusals(got, b.now.Load().cfg)
	return got, nil
}

// reload loads the configuration and changes what is different; see Reload. It is attend's alone.
func (b *Bridge) reload(ctx context.Context, files *source.Files, note Note) Reloaded {
	if b.o.Load == nil {
		b.o.Log.Error("configuration cannot be loaded again", "err", ErrNoReload, "event", events.RefusedReload)
		b.reloads.note([]string{ErrNoReload.Error()})
		return Reloaded{}
	}
	b.notify.reloading()
	defer func() { b.notify.ready(b.status()) }()
	began := time.Now()
	if files == nil {
		b.watcher.begin()
	}
	got := b.load(files)
	if files == nil {
		b.watcher.loaded(got.Files)
		b.secrets.watch(secretsAmong(got.Files))
	}
	done := b.accept(ctx, got, note)
	problems := textsOf(done.Problems)
	b.sayRefused(problems)
	if files != nil && len(problems) > 0 {
		b.reloads.refuse() // what is on disk is as good as before
		if b.reloads.state().RefusedSince.IsZero() {
			b.events.Keep(func(e *events.Event) bool { return e.Kind != events.RefusedReload })
		}
		return done
	}
	b.reloads.note(problems)
	if files != nil { // which come to the disk later
		b.watcher.watch(got.Files)
		b.secrets.watch(secretsAmong(got.Files))
	}
	if len(problems) == 0 {
		b.o.Log.Info("reloaded", "what", inShort(done.Changes), "took", time.Since(began).Round(time.Millisecond), "event", events.Reload)
	}
	return done
}

// accept applies what was loaded, unless there are reasons not to.
func (b *Bridge) accept(ctx context.Context, got Loaded, note Note) Reloaded {
	done := Reloaded{Problems: refusals(got, b.now.Load().cfg)}
	if done.Problems.HasProblems() {
		return done
	}
	var err error
	if done.Changes, err = b.apply(ctx, got, note); err != nil {
		done.Problems = append(done.Problems, source.Problem{File: got.Config.File, Message: err.Error()})
	}
	return done
}
