package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/cmd/tagbridge/web"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

type runVerb struct {
	Config   string `arg:"" help:"Configuration file; - is standard input."`
	LastGood bool   `help:"When the configuration has problems, run the one that was applied last until it is mended."`
	Pprof    string `name:"pprof" placeholder:"ADDRESS" help:"Serve Go profiles on this loopback address."`
}

// Run is the daemon: problems of the configuration go to standard error and end it with status 2, secrets of the bridge
// itself that are not there with 1.
func (v runVerb) Run(ctx context.Context, std streams) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	load := v.loader(std)
	start, err := v.begin(load, std)
	if err != nil {
		return err
	}
	defer start.held.Close()
	first, taken := start.first, start.taken
	for _, p := range first.Problems {
		fmt.Fprintln(std.err, p)
	}
	first, refused, err := v.lastGood(first, std)
	switch {
	case err != nil:
		return err
	case first.Problems.OnlyMissingSecrets():
		return exitStatus(exitFailed)
	case first.Problems.HasProblems():
		return exitStatus(exitBadFile)
	}
	if v.Pprof != "" {
		stop, err := serveProfiles(v.Pprof)
		if err != nil {
			return err
		}
		defer stop()
	} else {
		runtime.MemProfileRate = 0 // nobody will look at it, and it costs a megabyte
	}
	if !printsOnly(first.Config) {
		// What reads the output, or the log, may go: that is one sink of several, and must not end the others.
		signal.Ignore(syscall.SIGPIPE)
	}
	tuneRuntime()
	log, setLevel := newLevelLogger(std.err, first.Config.Bridge.Log)
	o := bridge.Options{
		Log:      log,
		SetLevel: setLevel,
		Stdout:   std.out,
		Version:  version,
		Commit:   commit,
		Hangup:   hangup,

		OpenServer: web.Open,
		Held:       start.held,
	}
	for {
		if v.Config != "-" {
			o.Load, o.First, o.Refused = load, first, refused
		}
		if o.Share, err = share(first.Config, log); err != nil {
			return err
		}
		o.Inheritance = inheritance(o.Share)
		o.Copies = copies(o.Share)
		b, err := bridge.Open(first.Config, o)
		o.Held = nil
		if err != nil {
			leave(o.Share)
			return err
		}
		if taken != "" {
			b.Log().Warn("tag maps put back", "reason", taken, "event", events.Edit)
			taken = ""
		}
		// What loading needed is not needed again.
		debug.FreeOSMemory()
		boundGarbage()
		unfollow := v.follow(o.Share, b)
		err = b.Run(ctx)
		unfollow()
		if !errors.Is(err, bridge.ErrDisk) {
			return err
		}
		if now := load(nil); v.Config != "-" && !now.Problems.HasProblems() {
			first, refused = now, nil
		}
	}
}

// lastGood is the configuration to begin with, and why it is not the one on disk.
func (v runVerb) lastGood(first bridge.Loaded, std streams) (bridge.Loaded, []string, error) {
	if !v.LastGood {
		return first, nil, nil
	}
	if v.Config == "-" {
		return first, nil, errors.New("--last-good: what is read from standard input is not kept, name a file")
	}
	dir := bridge.DataDir(first.Config, v.Config)
	good, at, refused := bridge.LastGood(first, v.Config, dir, func(files *source.Files) bridge.Loaded {
		return v.load(std, config.Options{Files: files})
	})
	if len(refused) > 0 {
		fmt.Fprintf(std.err, "tagbridge: %s has problems: the configuration that was applied at %s runs until it is mended\n", v.Config, stamp(at))
	}
	return good, refused, nil
}

// printsOnly reports that the samples go nowhere but to standard output: such a bridge ends with what reads that, as
// programs in a pipe do.
func printsOnly(cfg *config.Config) bool {
	for i := range cfg.Sinks {
		if s := &cfg.Sinks[i]; !s.Stdout() {
			return false
		}
	}
	return true
}

// loader returns what loads the configuration, the next time only what has changed since the last.
func (v runVerb) loader(std streams) func(*source.Files) bridge.Loaded {
	var cache tagmap.Cache
	return func(files *source.Files) bridge.Loaded {
		return v.load(std, config.Options{Cache: &cache, Files: files})
	}
}

// load loads the configuration with what o says besides.
func (v runVerb) load(std streams, o config.Options) (l bridge.Loaded) {
	o.Stdin, o.Expand, o.RequireSecrets = std.in, true, true
	o.Seen = func(path string, content []byte) { l.Files = append(l.Files, bridge.NewFile(path, content)) }
	l.Config, l.Problems = config.Load(v.Config, o)
	if !l.Problems.HasProblems() {
		l.Problems = append(l.Problems, checkFiles(l.Config)...)
	}
	return l
}

// tuneRuntime sets what measuring showed to matter, where the environment does not say otherwise: one processor more than
// there are keeps the network poller awake beside a busy loop.
func tuneRuntime() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.NumCPU() + 1)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(mostGarbage)
	}
}

// The poll path allocates next to nothing, so that collecting garbage more often than Go would costs about a hundredth of
// the processor time, and saves a sixth of the memory: it may grow to some megabytes, within percents of what lives.
const (
	garbageBytes = 16 << 20
	leastGarbage = 10
	mostGarbage  = 35
)

// boundGarbage sets how much garbage there may be beside what lives now.
func boundGarbage() {
	if os.Getenv("GOGC") != "" {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(int(min(max(garbageBytes*100/max(m.HeapAlloc, 1), leastGarbage), mostGarbage)))
}
