package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v3"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

type readVerb struct {
	Target  string   `arg:"" help:"URL of a device, or CONFIG#DEVICE to use that device's settings."`
	Address []string `arg:"" name:"address" sep:"none" help:"ADDRESS[,TYPE[,ORDER]] as in a tag map, such as 40001,float32,CDAB; for OPC UA a node id."`
	UnitID  int      `default:"-1" help:"Modbus unit; default 1, or the device's."`
	JSON    bool     `name:"json" help:"Print JSON lines."`
	Other   bool     `name:"cross-check" help:"Also ask another Modbus implementation, over a connection of its own, and print what it reads (tcp://, udp://)."`
}

// readingJSON is a line of read --json.
type readingJSON struct {
	Address string          `json:"address"`
	Value   json.RawMessage `json:"value"`
	Quality string          `json:"quality"`
	Raw     string          `json:"raw"`
	Error   string          `json:"error,omitempty"`
	Other   string          `json:"other,omitempty"` // what another implementation reads, or why it does not
}

// Run prints a line an address, in the order in which they were typed.
func (v readVerb) Run(ctx context.Context, std streams) error {
	device, err := v.device(std)
	if err != nil {
		return err
	}
	device.Tags = nil
	device.AskOnly()
	for _, arg := range v.Address {
		t, err := protocolOf(device).tag(device, arg)
		if err != nil {
			return fmt.Errorf("%q: %w", arg, err)
		}
		t.Name = arg
		device.Tags = append(device.Tags, t)
	}
	e := config.Connection{Endpoint: device.Endpoint, Devices: []*config.Device{device}}
	var got []readingJSON
	err = bridge.ReadOnce(ctx, e, bridge.NewCompiler(""), func(r *bridge.Reading) { got = append(got, readings(r)...) })
	if err != nil {
		return err
	}
	if v.Other {
		crossCheck(ctx, device, got)
	}
	v.print(std, got)
	for _, r := range got {
		if strings.HasPrefix(r.Quality, "Bad") {
			return exitStatus(exitFailed)
		}
	}
	return nil
}

// device is the one that the target names: of a configuration, or one with nothing but its address.
func (v readVerb) device(std streams) (*config.Device, error) {
	path, name, named := strings.Cut(v.Target, "#")
	if _, err := os.Stat(path); err == nil && !named {
		return nil, fmt.Errorf("%s: which of its devices? Write %s#NAME", path, path)
	}
	o := config.Options{Stdin: std.in, Expand: true}
	if !named {
		text, err := yaml.Marshal(map[string]any{"devices": []any{bareDevice(v.Target, v.UnitID)}})
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", v.Target, err)
		}
		// Nobody has saved it: it is checked as if somebody had, with paths from here.
		path, name, o.Expand = "target.yaml", "target", false
		o.Files = source.Over(map[string][]byte{path: text})
	}
	cfg, problems := config.Load(path, o)
	for _, p := range problems {
		if !p.Warning && named {
			fmt.Fprintln(std.err, p)
		} else if !p.Warning {
			return nil, errors.New(p.Message)
		}
	}
	if problems.HasProblems() {
		return nil, fmt.Errorf("%s has problems", path)
	}
	for i := range cfg.Devices {
		if d := &cfg.Devices[i]; d.Name == name {
			if v.UnitID >= 0 {
				d.AskUnit(v.UnitID)
			}
			return d, nil
		}
	}
	var names []string
	for _, d := range cfg.Devices {
		names = append(names, d.Name)
	}
	return nil, fmt.Errorf("%s has no enabled device %q, but %s", path, name, strings.Join(names, ", "))
}

func readings(r *bridge.Reading) []readingJSON {
	var list []readingJSON
	for _, v := range r.Values() {
		list = append(list, readingJSON{Address: v.Tag, Value: v.Value, Quality: v.Quality, Raw: v.Raw, Error: v.Error})
	}
	return list
}

func (v readVerb) print(std streams, list []readingJSON) {
	if v.JSON {
		enc := json.NewEncoder(std.out)
		for _, r := range list {
			enc.Encode(r)
		}
		return
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	head, cell := "", ""
	if v.Other {
		head = "another implementation\t"
	}
	fmt.Fprintln(table, "address\tvalue\tquality\traw\t"+head)
	for _, r := range list {
		if v.Other {
			cell = r.Other + "\t"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s%s\n", r.Address, forTerminal(string(r.Value)), r.Quality, r.Raw, cell, forTerminal(r.Error))
	}
	table.Flush()
}
