package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/source"
)

type readVerb struct {
	Target  string        `arg:"" help:"URL of a device, or CONFIG#DEVICE to use that device's settings."`
	Address []string      `arg:"" name:"address" sep:"none" help:"ADDRESS[,TYPE[,ORDER]] as in a tag map, such as 40001,float32,CDAB; a range such as 40001-40010; TYPE and ORDER may be ALL; for OPC UA a node id; with CONFIG#DEVICE also the name of a tag."`
	UnitID  int           `default:"-1" help:"Modbus unit; default 1, or the device's."`
	JSON    bool          `name:"json" help:"Print JSON lines."`
	Watch   time.Duration `placeholder:"1s" help:"Read again and again, with so much time in between."`
	Dump    string        `placeholder:"FILE" help:"Also write the raw registers to a file, which sim and probe take; with --watch as they were at each time."`
	Other   bool          `name:"cross-check" help:"Also ask another Modbus implementation, over a connection of its own, and print what it reads (tcp://, udp://)."`
}

// readingJSON is a line of read --json.
type readingJSON struct {
	Address string          `json:"address"`
	Value   json.RawMessage `json:"value"`
	Quality string          `json:"quality"`
	Raw     string          `json:"raw"`
	Error   string          `json:"error,omitempty"`
	Time    string          `json:"time,omitempty"`  // with --watch
	Other   string          `json:"other,omitempty"` // what another implementation reads, or why it does not
}

// Run prints a line an address, in the order in which they were typed.
func (v readVerb) Run(ctx context.Context, std streams) error {
	cfg, device, err := v.named(std)
	if err != nil {
		return err
	}
	asked, err := v.tags(device)
	if err != nil {
		return err
	}
	var shown []int
	device.Tags, shown = withInputs(device, asked, v.Dump != "")
	device.AskOnly()
	reader := reader{device: device, asked: *device, shown: shown, compiler: bridge.NewCompiler("")}
	if p, ok := protocolOf(device).(needer); ok {
		reader.before = p.needs(cfg, device)
	}
	if err := reader.open(ctx, v.running(), std); err != nil {
		return err
	}
	defer reader.close()
	for n := 0; ; n++ {
		began := time.Now()
		bad, err := v.once(ctx, std, &reader, n)
		if v.Watch <= 0 {
			if err == nil && bad {
				err = exitStatus(exitFailed)
			}
			return err
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(std.err, "tagbridge:", forTerminal(err.Error()))
		}
		if !pauseFor(ctx, v.Watch-time.Since(began)) {
			return nil
		}
	}
}

// pauseFor waits, unless ctx ends before: then it is false.
func pauseFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// once reads everything once, and prints it; bad says that something of it was not read. n counts the times.
func (v readVerb) once(ctx context.Context, std streams, r *reader, n int) (bad bool, err error) {
	began := time.Now()
	got, took, err := r.read(ctx)
	if err != nil {
		return true, err
	}
	if v.Other {
		crossCheck(ctx, r.device, got)
	}
	all := got
	got = r.chosen(all)
	for i := range got {
		bad = bad || strings.HasPrefix(got[i].Quality, "Bad") && (got[i].Raw == "" || !v.compares())
		if v.Watch > 0 {
			got[i].Time = began.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	v.print(std, got, n)
	if v.Dump != "" {
		return bad, recording{file: v.Dump, device: r.device}.add(n == 0, dump.Snapshot{Time: began, Took: took}, all)
	}
	return bad, nil
}

// compares reports that types are compared: that some of them do not fit what was read is no failure.
func (v readVerb) compares() bool {
	return slices.ContainsFunc(v.Address, func(arg string) bool { return strings.Contains(strings.ToUpper(arg), ",ALL") })
}

// tags are those that the arguments mean: of the map of d by their names, or by their places.
func (v readVerb) tags(d *config.Device) (list []*mapping.Tag, err error) {
	p := protocolOf(d)
	for _, arg := range v.Address {
		if i := slices.IndexFunc(d.Tags, func(t *mapping.Tag) bool { return t.Name == arg }); i >= 0 && strings.Contains(v.Target, "#") {
			list = append(list, copied(d.Tags[i]))
			continue
		}
		places := []string{arg}
		if x, ok := p.(ranger); ok {
			if places, err = x.expand(d, arg); err != nil {
				return nil, fmt.Errorf("%q: %w", arg, err)
			}
		}
		for _, place := range places {
			t, err := p.tag(d, place)
			if err != nil {
				return nil, fmt.Errorf("%q: %w%s", arg, err, v.nearTag(d, arg))
			}
			t.Name = place
			list = append(list, t)
		}
	}
	return list, nil
}

// nearTag is the tag that arg, which is no address, may mean.
func (v readVerb) nearTag(d *config.Device, arg string) string {
	if !strings.Contains(v.Target, "#") || strings.Contains(arg, ",") {
		return ""
	}
	var names []string
	for _, t := range d.Tags {
		names = append(names, t.Name)
	}
	return source.DidYouMean(arg, names)
}

// device is the one that the target names: of a configuration, or one with nothing but its address.
func (v readVerb) device(std streams) (*config.Device, error) {
	_, d, err := v.named(std)
	return d, err
}

// named is the device that the target names, in its configuration.
func (v readVerb) named(std streams) (*config.Config, *config.Device, error) {
	path, name, named := strings.Cut(v.Target, "#")
	if _, err := os.Stat(path); err == nil && !named {
		return nil, nil, fmt.Errorf("%s: which of its devices? Write %s#NAME", path, path)
	}
	o := config.Options{Stdin: std.in, Expand: true}
	if !named {
		text, err := yaml.Marshal(map[string]any{"devices": []any{bareDevice(v.Target, v.UnitID)}})
		if err != nil {
			return nil, nil, fmt.Errorf("target %s: %w", v.Target, err)
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
			return nil, nil, errors.New(p.Message)
		}
	}
	if problems.HasProblems() {
		return nil, nil, fmt.Errorf("%s has problems", path)
	}
	for i := range cfg.Devices {
		if d := &cfg.Devices[i]; d.Name == name {
			if v.UnitID >= 0 {
				d.AskUnit(v.UnitID)
			}
			return cfg, d, nil
		}
	}
	var names []string
	for _, d := range cfg.Devices {
		names = append(names, d.Name)
	}
	return nil, nil, fmt.Errorf("%s has no enabled device %q, but %s", path, name, strings.Join(names, ", "))
}

func readings(r *bridge.Reading) []readingJSON {
	var list []readingJSON
	for _, v := range r.Values() {
		list = append(list, readingJSON{Address: v.Tag, Value: v.Value, Quality: v.Quality, Raw: v.Raw, Error: v.Error})
	}
	return list
}

func (v readVerb) print(std streams, list []readingJSON, n int) {
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
	if v.Watch > 0 && n > 0 {
		fmt.Fprintln(std.out)
	}
	if v.Watch > 0 && len(list) > 0 {
		fmt.Fprintln(std.out, list[0].Time)
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
