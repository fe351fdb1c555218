package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
)

type runVerb struct {
	Config string `arg:"" help:"Configuration file; - is standard input."`
	Pprof  string `name:"pprof" placeholder:"ADDRESS" help:"Serve Go profiles on this loopback address."`
}

// Run is the daemon: problems of the configuration go to standard error and end it with status 2, secrets that are
// not there with 1.
func (v runVerb) Run(ctx context.Context, std streams) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	load := v.loader(std)
	first := load()
	for _, p := range first.Problems {
		fmt.Fprintln(std.err, p)
	}
	switch {
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
	}
	if v.Config != "-" {
		o.Load, o.First = load, first
	}
	b, err := bridge.Open(first.Config, o)
	if err != nil {
		return err
	}
	// What loading needed is not needed again.
	debug.FreeOSMemory()
	boundGarbage()
	return b.Run(ctx)
}

// printsOnly reports that the samples go nowhere but to standard output: such a bridge ends with what reads that, as
// programs in a pipe do.
func printsOnly(cfg *config.Config) bool {
	for i := range cfg.Sinks {
		if s := &cfg.Sinks[i]; s.Type != "file" || s.FileOut.Path != "-" {
			return false
		}
	}
	return true
}

// loader returns what loads the configuration, the next time only what has changed since the last.
func (v runVerb) loader(std streams) func() bridge.Loaded {
	var cache config.Cache
	return func() bridge.Loaded {
		var l bridge.Loaded
		l.Config, l.Problems = config.Load(v.Config, config.Options{
			Stdin: std.in, Expand: true, RequireSecrets: true, Cache: &cache,
			Seen: func(path string, content []byte) {
				l.Files = append(l.Files, bridge.NewFile(path, content))
			},
		})
		return l
	}
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
