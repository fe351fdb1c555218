package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

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
	cfg, problems := config.Load(v.Config, config.Options{Stdin: std.in, Expand: true, RequireSecrets: true})
	for _, p := range problems {
		fmt.Fprintln(std.err, p)
	}
	switch {
	case problems.OnlyMissingSecrets():
		return exitStatus(exitFailed)
	case problems.HasProblems():
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
	tuneRuntime()
	b, err := bridge.Open(cfg, bridge.Options{
		Log:     newLogger(std.err, cfg.Bridge.Log),
		Stdout:  std.out,
		Version: version,
		Commit:  commit,
	})
	if err != nil {
		return err
	}
	// What loading needed is not needed again.
	debug.FreeOSMemory()
	return b.Run(ctx)
}

// tuneRuntime sets what measuring showed to matter, where the environment does not say otherwise. One processor more than
// there are keeps the network poller awake beside a busy loop. The poll path allocates next to nothing, so that collecting
// garbage twice as often as Go would costs a hundredth of the processor time and saves a sixth of the memory.
func tuneRuntime() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.NumCPU() + 1)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}
