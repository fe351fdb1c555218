package bridge

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// Loaded is a configuration as it was loaded, and what it was loaded from.
type Loaded struct {
	Config   *config.Config
	Problems source.Problems
	Files    []File // everything it depends on, there or not
}

// mostChanges is how many lines of a difference are logged.
const mostChanges = 100

// reloads is what became of them.
type reloads struct {
	mu               sync.Mutex
	applied, refused uint64
	at               time.Time // when the running configuration was applied
	problems         []string  // of the last reload; none when it was applied
	refusedAt        time.Time // when what is on disk was first refused; zero: it is not
	lastGood         bool      // the one on disk was refused at the start: the one applied before runs
}

func (r *reloads) note(problems []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = problems
	if len(problems) > 0 {
		r.refused++
		if r.refusedAt.IsZero() {
			r.refusedAt = time.Now()
		}
		return
	}
	r.refusedAt = time.Time{}
	r.applied++
	r.lastGood = false
	r.at = time.Now()
}

// refuse counts one of what is not on disk.
func (r *reloads) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused++
}

// begin notes why the configuration on disk is not the one that runs from the start, and since when; nil: it is.
func (r *reloads) begin(refused []string, since time.Time) {
	r.problems, r.lastGood, r.refusedAt = refused, len(refused) > 0, since
}

// beginRefused notes why the configuration on disk is not the one that runs from the start: it may have been refused before
// the bridge began, and is from then on. nil: it is the one.
func (b *Bridge) beginRefused(refused []string) {
	if len(refused) == 0 {
		b.events.Keep(func(e *events.Event) bool { return e.Kind != events.RefusedReload })
		b.reloads.begin(nil, time.Time{})
		return
	}
	b.o.Log.Error("the configuration on disk is refused, the one that was applied last runs", "problems", len(refused), "problem", refused[0],
		"event", events.RefusedReload)
	b.reloads.begin(refused, b.events.Since(events.RefusedReload))
}

// onLastGood reports that the configuration on disk was refused at the start and has not been mended since.
func (r *reloads) onLastGood() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lastGood
}

// state is what became of the reloads so far.
func (r *reloads) state() ReloadState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return ReloadState{Applied: r.applied, Refused: r.refused, Since: r.at, Problems: slices.Clone(r.problems),
		RefusedSince: r.refusedAt, LastGood: r.lastGood}
}

// failing reports that the last reload was refused.
func (r *reloads) failing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.problems) > 0
}

// apply makes what was loaded the running configuration, and returns what has changed. After an error everything is as
// before.
func (b *Bridge) apply(ctx context.Context, got Loaded, note Note) ([]string, error) {
	old := b.now.Load()
	b.pin(&got.Config.Bridge, &old.cfg.Bridge)
	next, err := b.prepare(old, got.Config)
	if err != nil {
		return nil, err
	}
	lines := config.Explain(old.cfg, got.Config)
	for i, line := range lines {
		if i == mostChanges {
			b.o.Log.Info("changed", "what", fmt.Sprintf("and %d more changes", len(lines)-i))
			break
		}
		b.o.Log.Info("changed", "what", line)
	}
	end := b.journal.End()
	newHandover(b, old, next).run(ctx)
	b.share(next.cfg)
	b.hasSinks(next.cfg)
	// The new tags' values are there for sinks that begin now.
	between := *next
	between.outlets = old.outlets
	b.now.Store(&between)
	b.alarms.set(next.cfg)
	if specs := reckonedOf(next.cfg); !reckonsAlike(old.cfg, next.cfg) || !b.sharesAlike(old.cfg, next.cfg, specs) {
		b.reckoned.reckon(ctx, end, specs, b.leasesOf(next.cfg, specs))
	}
	b.replaceOutlets(old, next)
	for _, o := range next.outlets {
		o.forwarder.Hurry() // what it waits for may have been mended
	}
	if next.front != old.front {
		b.startFront(next.front)
		old.front.stop()
	}
	if b.o.SetLevel != nil {
		b.o.SetLevel(got.Config.Bridge.Log.Level)
	}
	b.journal.SetLimits(limitsOf(got.Config.Bridge.Journal))
	b.now.Store(next)
	b.keepOutages(next.cfg)
	AtLowPriority(func() { b.remember(got, note, lines) })
	return lines, nil
}

// pin keeps of the bridge's options those that take effect at the next start only, and says so.
func (b *Bridge) pin(next, running *config.Bridge) {
	late := func(key string) {
		b.o.Log.Warn("takes effect at the next start only", "option", "bridge."+key)
	}
	if next.DataDir != running.DataDir {
		late("data_dir")
		next.DataDir = running.DataDir
	}
	if next.Journal.Sync != running.Journal.Sync {
		late("journal.sync")
		next.Journal.Sync = running.Journal.Sync
	}
	if !reflect.DeepEqual(next.Cluster, running.Cluster) {
		late("cluster")
		next.Cluster = running.Cluster
	}
	if next.Log.Format != running.Log.Format {
		late("log.format")
		next.Log.Format = running.Log.Format
	}
}
