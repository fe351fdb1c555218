package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/configs"
	"tagbridge/mapping/config"
)

type demoVerb struct {
	Config string `arg:"" optional:"" help:"Configuration file; default: a boiler house that the program brings along."`
}

// Run serves the devices of the configuration and the bridge that reads them in one process.
func (v demoVerb) Run(ctx context.Context, std streams) error {
	folder, err := os.MkdirTemp("", "tagbridge-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer os.RemoveAll(folder)
	if v.Config == "" {
		if err := os.CopyFS(folder, configs.Files); err != nil {
			return fmt.Errorf("unpack the demo: %w", err)
		}
		v.Config = filepath.Join(folder, "demo.yaml")
	}
	cfg, problems := config.Load(v.Config, config.Options{Stdin: std.in, Expand: true})
	for _, p := range problems {
		fmt.Fprintln(std.err, p)
	}
	if problems.HasProblems() {
		return exitStatus(exitBadFile)
	}
	cfg.Bridge.DataDir = filepath.Join(folder, "data")
	return v.serve(ctx, cfg, std)
}

// serve runs plant and bridge until the first of them ends.
func (v demoVerb) serve(ctx context.Context, cfg *config.Config, std streams) error {
	plant, err := openPlantAt(cfg, &listener{elsewhere: true})
	if err != nil {
		return err
	}
	plant.redirect(cfg)
	cfg.Bridge.HTTP.Listen = freeAddress(cfg.Bridge.HTTP.Listen)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		served <- plant.serve(ctx)
		cancel()
	}()
	tuneRuntime()
	b, err := bridge.Open(cfg, bridge.Options{
		Log:     newLogger(std.err, cfg.Bridge.Log),
		Stdout:  std.out,
		Version: version,
		Commit:  commit,
		Ready:   func(addr string) { v.invite(plant, addr, std) },
	})
	if err == nil {
		err = b.Run(ctx)
	}
	cancel()
	return errors.Join(err, <-served)
}

// redirect lets the devices of cfg be read where p serves them.
func (p *plant) redirect(cfg *config.Config) {
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		if url, ok := p.urls[d.Name]; ok {
			d.Endpoint.Transport, d.Endpoint.Address, _ = strings.Cut(url, "://")
			d.Endpoint.Key = url
		}
	}
}

// freeAddress is address, or one with a port that the system gives when something listens there already.
func freeAddress(address string) string {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return address
}

// invite says what runs and what to try.
func (v demoVerb) invite(p *plant, addr string, std streams) {
	fmt.Fprintln(std.err, "\nA simulated plant and the bridge that reads it. Each line below is a value:")
	for _, d := range p.devices {
		fmt.Fprintf(std.err, "  %-12s %s %s\n", d.name, d.url, d.unit)
	}
	fmt.Fprint(std.err, "\nTry, in another terminal:\n")
	if addr != "" {
		fmt.Fprintf(std.err, "  curl 'http://%s/api/v1/tags?match=*temperature*'   present values, qualities, raw registers\n", addr)
		fmt.Fprintf(std.err, "  curl http://%s/api/v1/devices                      who answers, and how fast\n", addr)
	}
	if len(p.devices) > 0 {
		fmt.Fprintf(std.err, "  bin/tagbridge read %s 30001,int16        one register, now\n", p.devices[0].url)
	}
	fmt.Fprint(std.err, "  bin/tagbridge plan configs/demo.yaml                the requests that are sent\n")
	fmt.Fprint(std.err, "\nThen copy configs/demo.yaml, change a tag map in a spreadsheet and run: bin/tagbridge check COPY. Ctrl-C ends this.\n\n")
}
