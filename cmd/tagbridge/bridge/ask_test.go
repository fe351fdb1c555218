package bridge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// gated is a bridge without devices, in a bubble, whose loading waits until it is let through.
type gated struct {
	t      *testing.T
	bridge *Bridge
	hangup chan os.Signal
	cancel context.CancelFunc
	ended  chan error

	through chan struct{}
	under   atomic.Int32
	loaded  []string // what lay over the file named "who", in order
	refuse  bool
}

// newGated is to be called in a bubble. The bridge runs.
func newGated(t *testing.T) *gated {
	g := &gated{t: t, hangup: make(chan os.Signal, 1), ended: make(chan error, 1), through: make(chan struct{})}
	var err error
	g.bridge, err = Open(g.config(), Options{Log: discard(), Load: g.load, Hangup: g.hangup})
	if err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, g.cancel = context.WithCancel(t.Context())
	go func() { g.ended <- g.bridge.Run(ctx) }()
	synctest.Wait()
	return g
}

func (g *gated) config() *config.Config {
	cfg, problems := config.Load("-", config.Options{Stdin: strings.NewReader(fmt.Sprintf(
		"bridge: {name: x, data_dir: %q, http: \"\"}\ndevices: []\nsinks: []\n", filepath.Join(g.t.TempDir(), "data")))})
	if problems.HasProblems() {
		g.t.Fatal(problems)
	}
	return cfg
}

func (g *gated) load(files *source.Files) Loaded {
	if g.under.Add(1) != 1 {
		g.t.Error("two reloads at a time")
	}
	defer g.under.Add(-1)
	who, _ := files.Text("who")
	g.loaded = append(g.loaded, string(who))
	<-g.through
	l := Loaded{Config: g.bridge.Config()}
	if g.refuse {
		l.Problems = source.Problems{{File: "plant.yaml", Line: 3, Message: "no"}, {File: "plant.yaml", Line: 4, Warning: true, Message: "hm"}}
	}
	return l
}

// stop ends the bridge.
func (g *gated) stop() {
	g.cancel()
	if err := <-g.ended; err != nil {
		g.t.Error(err)
	}
}

// answer is what Reload returned.
type answer struct {
	found source.Problems
	err   error
}

// ask calls Reload in a goroutine of its own, and returns when it waits.
func (g *gated) ask(ctx context.Context, who string) <-chan answer {
	done := make(chan answer, 1)
	go func() {
		found, err := g.bridge.Reload(ctx, source.Over(map[string][]byte{"who": []byte(who)}))
		done <- answer{found, err}
	}()
	synctest.Wait()
	return done
}

func TestReloadsAreOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGated(t)
		defer g.stop()
		var all []<-chan answer
		var want []string
		for i := range 20 {
			all = append(all, g.ask(t.Context(), fmt.Sprint(i)))
			want = append(want, fmt.Sprint(i))
		}
		for i, done := range all {
			select {
			case a := <-done:
				t.Fatalf("%d returned %+v before it was loaded", i, a)
			default:
			}
			g.through <- struct{}{}
			if a := <-done; a.err != nil || a.found.HasProblems() {
				t.Errorf("%d: %+v", i, a)
			}
		}
		if !slices.Equal(g.loaded, want) {
			t.Errorf("the order was %v", g.loaded)
		}
		if s := g.bridge.Reloads(); s.Applied != 20 || s.Refused != 0 {
			t.Errorf("%+v", s)
		}
		// A signal's is one of them.
		done := g.ask(t.Context(), "asked")
		g.hangup <- os.Interrupt
		g.through <- struct{}{}
		<-done
		g.through <- struct{}{}
		synctest.Wait()
		if s := g.bridge.Reloads(); s.Applied != 22 {
			t.Errorf("%+v", s)
		}
	})
}

func TestReloadThatIsRefusedSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGated(t)
		defer g.stop()
		g.refuse = true
		done := g.ask(t.Context(), "draft")
		g.through <- struct{}{}
		a := <-done
		if a.err != nil || len(a.found) != 2 || !a.found.HasProblems() || a.found[0].Line != 3 || !a.found[1].Warning {
			t.Errorf("%+v", a)
		}
		if s := g.bridge.Reloads(); s.Refused != 1 || len(s.Problems) > 0 {
			t.Errorf("of a draft: %+v: what is on disk has no problems", s)
		}
		g.hangup <- os.Interrupt
		g.through <- struct{}{}
		synctest.Wait()
		if s := g.bridge.Reloads(); s.Refused != 2 || len(s.Problems) != 1 {
			t.Errorf("of what is on disk: %+v", s)
		}
	})
}

func TestReloadIsLeftWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGated(t)
		defer g.stop()
		ctx, cancel := context.WithCancel(t.Context())
		first, second := g.ask(ctx, "first"), g.ask(ctx, "second")
		cancel()
		if a := <-first; !errors.Is(a.err, context.Canceled) || !strings.Contains(a.err.Error(), "goes on") {
			t.Errorf("under way: %+v", a)
		}
		if a := <-second; !errors.Is(a.err, context.Canceled) || !strings.Contains(a.err.Error(), "not begun") {
			t.Errorf("waiting: %+v", a)
		}
		g.through <- struct{}{}
		synctest.Wait()
		if s := g.bridge.Reloads(); s.Applied != 1 || len(g.loaded) != 1 {
			t.Errorf("%+v, loaded %v", s, g.loaded)
		}
		third := g.ask(t.Context(), "third")
		g.through <- struct{}{}
		if a := <-third; a.err != nil {
			t.Errorf("the next: %+v", a)
		}
	})
}

func TestReloadOfABridgeThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGated(t)
		first, second := g.ask(t.Context(), "first"), g.ask(t.Context(), "second")
		g.cancel()
		g.through <- struct{}{}
		if a := <-first; a.err != nil {
			t.Errorf("under way: %+v", a)
		}
		// The second may still have had its turn.
		select {
		case g.through <- struct{}{}:
			if a := <-second; a.err != nil {
				t.Errorf("the second, which was loaded: %+v", a)
			}
		case a := <-second:
			if !errors.Is(a.err, ErrStopped) {
				t.Errorf("waiting: %+v", a)
			}
		}
		g.stop()
		if _, err := g.bridge.Reload(t.Context(), nil); !errors.Is(err, ErrStopped) {
			t.Errorf("later: %v", err)
		}
	})
}

func TestReloadWhereThereIsNone(t *testing.T) {
	r := beginning(t, "")
	b, err := Open(r.load(), Options{Log: discard()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reload(t.Context(), nil); !errors.Is(err, ErrNoReload) {
		t.Errorf("%v", err)
	}
	b.o.Load = r.loader()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reload(t.Context(), nil); !errors.Is(err, ErrStopped) {
		t.Errorf("of a bridge that was never run: %v", err)
	}
}

// TestReloadOfADraft applies texts that are not on disk, and refuses others, with what is on disk as good as before.
func TestReloadOfADraft(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	path := filepath.Join(r.dir, "tags.csv")
	draft := func(text string) source.Problems {
		t.Helper()
		found, err := b.bridge.Reload(t.Context(), source.Over(map[string][]byte{path: []byte(text)}))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	tags := func() int { return len(b.bridge.Config().Devices[0].Tags) }
	found := draft(threeTags + "new,4000x,,,\n")
	if !found.HasProblems() || found[0].File != path || found[0].Line != 5 {
		t.Errorf("a draft with a mistake: %v", found)
	}
	if s := b.bridge.Reloads(); s.Refused != 1 || len(s.Problems) > 0 || tags() != 3 {
		t.Errorf("after it: %+v, %d tags", s, tags())
	}
	if found := draft(threeTags + "new,40100,,,\n"); found.HasProblems() || tags() != 4 {
		t.Errorf("a draft: %v, %d tags", found, tags())
	}
	if found, err := b.bridge.Reload(t.Context(), nil); err != nil || found.HasProblems() || tags() != 3 {
		t.Errorf("back to what is on disk: %v, %v, %d tags", found, err, tags())
	}
}
