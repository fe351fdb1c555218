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
	"tagbridge/cmd/tagbridge/web"
	"tagbridge/configs"
	"tagbridge/mapping/config"
)

type demoVerb struct {
	Config string `arg:"" optional:"" help:"Configuration file; default: a boiler house that the program brings along."`
}

// demo is a plant, a broker and what is said about them.
type demo struct {
	std    streams
	cfg    *config.Config
	plant  *plant
	broker *demoBroker // nil: no sink needs one
}

// Run serves the devices of the configuration, a broker, and the bridge between them, in one process.
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
	cfg.Bridge.HTTP.Listen = freeAddress(cfg.Bridge.HTTP.Listen)
	d := &demo{std: std, cfg: cfg}
	if d.plant, err = openPlantAt(cfg, &listener{elsewhere: true}); err != nil {
		return err
	}
	d.plant.redirect(cfg)
	if d.broker, err = openDemoBroker(cfg); err != nil {
		return err
	}
	if v.Config == "-" {
		d.std.in = strings.NewReader("") // it was the configuration
	}
	return d.serve(ctx)
}

// serve runs plant, broker and bridge until the first of them ends.
func (d *demo) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		served <- d.plant.serve(ctx)
		cancel()
	}()
	control, err := openDemoControl(d)
	if err != nil {
		cancel()
		return errors.Join(err, <-served)
	}
	defer control.close()
	tuneRuntime()
	b, err := bridge.Open(d.cfg, bridge.Options{
		Log:     newLogger(d.std.err, d.cfg.Bridge.Log),
		Stdout:  d.std.out,
		Version: version,
		Commit:  commit,

		OpenServer: web.Open,
		Ready: func(addr string) {
			d.invite(addr, control.addr)
			go control.prompt(ctx, d.std.in) // ends with the process: nothing interrupts the reading of a terminal
		},
	})
	if err == nil {
		err = b.Run(ctx)
	}
	cancel()
	return errors.Join(err, <-served, d.broker.close())
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

// freeAddress is address, or one with a port that the system gives when something listens there already; "" stays.
func freeAddress(address string) string {
	if address == "" {
		return ""
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return address
}
