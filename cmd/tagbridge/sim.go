package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

type simVerb struct {
	Config    string            `arg:"" help:"Configuration file; - is standard input. Or a dump, FILE.dump, as read --dump writes it."`
	Port      int               `default:"15020" help:"First port on 127.0.0.1 for devices whose own address is not on loopback; 0 takes free ones."`
	TTY       map[string]string `name:"tty" placeholder:"PORT=OTHER" help:"Serve the line of serial port PORT on port OTHER, a cable's other end; else on a pseudo-terminal."`
	Write     string            `placeholder:"FILE" help:"Write a configuration that reads the simulator."`
	Faults    string            `placeholder:"ADDRESS" help:"Take faults on command over HTTP at this loopback address: POST /faults?device=NAME {\"kind\": \"silence\", \"for\": \"10s\"}; GET / lists the kinds."`
	KeepSinks bool              `help:"With --write: keep the sinks, and mark what they are sent with the label simulated=true."`
}

// Run prints a line a device, name and address, and serves until the signal.
func (v simVerb) Run(ctx context.Context, std streams) error {
	if d, err := openDump(v.Config); err != nil || d != nil {
		if err != nil {
			return err
		}
		return v.serveDump(ctx, std, d)
	}
	content, err := readAll(v.Config, std.in)
	if err != nil {
		return err
	}
	cfg, problems := config.Load(v.Config, config.Options{Files: source.Over(map[string][]byte{v.Config: content})})
	if problems.HasProblems() {
		for _, p := range problems {
			fmt.Fprintln(std.err, p)
		}
		return errors.New("the configuration has problems: nothing is simulated")
	}
	plant, err := openPlant(cfg, v.Port, v.TTY)
	if err != nil {
		return err
	}
	if v.Write != "" {
		if err := v.write(content, cfg, plant); err != nil {
			return err
		}
	}
	if v.Faults != "" {
		stop, err := serveFaults(v.Faults, plant)
		if err != nil {
			return err
		}
		defer stop()
	}
	plant.print(std)
	if v.Write != "" {
		fmt.Fprintf(std.err, "in another terminal: tagbridge run %s\n", v.Write)
	}
	return plant.serve(ctx)
}

func (v simVerb) write(content []byte, cfg *config.Config, p *plant) error {
	from, err := filepath.Abs(filepath.Dir(v.Config))
	if err != nil {
		return fmt.Errorf("find folder of %s: %w", v.Config, err)
	}
	to, err := filepath.Abs(filepath.Dir(v.Write))
	if err != nil {
		return fmt.Errorf("find folder of %s: %w", v.Write, err)
	}
	c := simConfig{from: from, to: to, name: cfg.Bridge.Name, urls: p.urls, keepSinks: v.KeepSinks, tables: cfg.Tables}
	if a, err := os.Stat(v.Config); err == nil {
		if b, err := os.Stat(v.Write); err == nil && os.SameFile(a, b) {
			return fmt.Errorf("--write %s: that is the configuration itself: name another file", v.Write)
		}
	}
	text, err := source.Text(content)
	if err != nil {
		return err
	}
	out, err := c.rewrite(text)
	if err != nil {
		return err
	}
	if err := os.WriteFile(v.Write, out, 0o640); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// print tells where each device is served.
func (p *plant) print(std streams) {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, d := range p.devices {
		fmt.Fprintf(table, "%s\t%s\t%s\n", d.name, d.url, d.unit)
	}
	table.Flush()
}

// readAll reads the file, "-" being standard input.
func readAll(path string, in io.Reader) ([]byte, error) {
	if path == "-" {
		b, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return b, nil
	}
	return os.ReadFile(path)
}
