package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/profile"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
	"tagbridge/testrig/plc"
)

// replayed serves the dump of t, reads it with the map of p, and says which values are not what they should be.
func replayed(ctx context.Context, p *profile.Profile, t profile.Test) (wrong []string, err error) {
	text, err := p.File(t.Dump)
	if err != nil {
		return nil, err
	}
	d, err := dump.Parse(text)
	if err != nil {
		return nil, err
	}
	units := d.Units()
	if len(units) != 1 {
		return nil, fmt.Errorf("it holds registers of %d units, not of one", len(units))
	}
	want, err := expected(p, t)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{Units: map[int]*plc.Unit{units[0]: unitOf(d)}})
	if err != nil {
		return nil, err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	device, err := profileDevice(p, "tcp://"+s.Addr(), units[0])
	if err != nil {
		return nil, err
	}
	e := config.Connection{Endpoint: device.Endpoint, Devices: []*config.Device{device}}
	err = bridge.ReadOnce(ctx, e, bridge.NewCompiler(""), func(r *bridge.Reading) {
		for _, v := range r.Values() {
			if w, ok := want[v.Tag]; ok && !sameValue(w, v) {
				wrong = append(wrong, fmt.Sprintf("%s is %s %s, want %s", v.Tag, shownValue(v), v.Quality, w))
			}
			delete(want, v.Tag)
		}
	})
	for tag := range want {
		wrong = append(wrong, fmt.Sprintf("%s: %s has a value of it, but the map has no such tag", tag, t.Values))
	}
	cancel()
	<-served
	slices.Sort(wrong)
	return wrong, err
}

// expected are the values that t must give, by tag.
func expected(p *profile.Profile, t profile.Test) (map[string]string, error) {
	text, err := p.File(t.Values)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(string(text)))
	r.FieldsPerRecord, r.Comment = 2, '#'
	records, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Values, err)
	}
	if len(records) < 2 || !slices.Equal(records[0], []string{"tag", "value"}) {
		return nil, fmt.Errorf("%s: its header must be tag,value, with values below it", t.Values)
	}
	want := map[string]string{}
	for _, row := range records[1:] {
		want[row[0]] = row[1]
	}
	return want, nil
}

// unitOf is a unit whose registers are those of the last snapshot of d.
func unitOf(d *dump.Dump) *plc.Unit {
	u := plc.NewUnit(plc.UnitOptions{})
	last := len(d.Snapshots) - 1
	for table := mapping.Coil; table <= mapping.Holding; table++ {
		run := func(first, end int) {
			if values, ok := d.Registers(last, d.Units()[0], table, first, end-first); ok && end > first {
				u.Set(table, first, values...) // nothing of it is there yet
			}
		}
		var there [1 << 16]bool
		for i := range d.Snapshots {
			for _, a := range d.Snapshots[i].Areas {
				if a.Table == table {
					for at := a.First; at < min(a.End(), len(there)); at++ {
						there[at] = true
					}
				}
			}
		}
		first := 0
		for at, ok := range there {
			if !ok {
				run(first, at)
				first = at + 1
			}
		}
		run(first, len(there))
	}
	return u
}

// profileDevice is a device with the map of p, as a configuration would have it.
func profileDevice(p *profile.Profile, url string, unit int) (*config.Device, error) {
	keys := map[string]any{}
	if p.Device.Kind != 0 {
		if err := p.Device.Decode(&keys); err != nil {
			return nil, err
		}
	}
	keys["name"], keys["driver"], keys["url"], keys["unit_id"] = "device", "modbus", url, unit
	keys["tags"] = []string{p.Name + ".csv"}
	text, err := yaml.Marshal(map[string]any{"devices": []any{keys}})
	if err != nil {
		return nil, err
	}
	const path = "profile.yaml"
	cfg, problems := config.Load(path, config.Options{Files: source.Over(map[string][]byte{path: text, p.Name + ".csv": p.Map})})
	for _, problem := range problems {
		if !problem.Warning || problem.File != path {
			return nil, errors.New(problem.String())
		}
	}
	return &cfg.Devices[0], nil
}

// sameValue reports that v is what is wanted: as a number, where both are one.
func sameValue(want string, v bridge.ReadValue) bool {
	got := shownValue(v)
	if got == want {
		return true
	}
	a, errA := strconv.ParseFloat(want, 64)
	b, errB := strconv.ParseFloat(got, 64)
	return errA == nil && errB == nil && a == b
}

// shownValue is the value of v, a text without its quotes.
func shownValue(v bridge.ReadValue) string {
	if text, err := strconv.Unquote(string(v.Value)); err == nil {
		return text
	}
	return string(v.Value)
}

type profileIdentifyVerb struct {
	Target string `arg:"" help:"URL of a device, or CONFIG#DEVICE to use that device's settings."`
	Dir    string `arg:"" optional:"" type:"path" help:"Folder of profiles; default: those in the program."`
	UnitID int    `default:"-1" placeholder:"N" help:"Modbus unit; default 1, or the device's."`
}

// Run asks what each profile would have asked, and prints those that fit. Each question is one read.
func (v profileIdentifyVerb) Run(ctx context.Context, std streams) error {
	list, err := profilesOf(v.Dir)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(p *profile.Profile) bool { return len(p.Identify) > 0 }) {
		return errors.New("none of the profiles has a question by which to know its device (identify): name a folder of profiles that have; tagbridge sunspec asks for SunSpec")
	}
	device, err := readVerb{Target: v.Target, UnitID: v.UnitID}.device(std)
	if err != nil {
		return err
	}
	if device.Driver != "modbus" {
		return fmt.Errorf("%s is no Modbus device: profiles are of those", v.Target)
	}
	s, err := bridge.OpenSession(ctx, config.Connection{Endpoint: device.Endpoint, Devices: []*config.Device{device}}, bridge.NewCompiler(""))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", bridge.PublicURL(device.Endpoint), err)
	}
	defer s.Close()
	answers := map[profile.Question]string{}
	found, questions := 0, 0
	for _, p := range list {
		fits := len(p.Identify) > 0
		for _, q := range p.Identify {
			questions++
			key := profile.Question{Address: q.Address, Type: q.Type}
			if _, asked := answers[key]; !asked {
				if answers[key], err = answerTo(ctx, s, device, q); err != nil {
					return err
				}
			}
			fits = fits && q.Fits(answers[key])
		}
		if fits {
			found++
			fmt.Fprintf(std.out, "%s: %s (%s)\n", p.Name, p.Title, tested(p))
		}
	}
	if found == 0 {
		return fmt.Errorf("none of the profiles that can be asked for (%d questions) fits: tagbridge profile list names all; tagbridge sunspec asks for SunSpec", questions)
	}
	return nil
}

// answerTo is what device answers to q; "" when it does not have it.
func answerTo(ctx context.Context, s *bridge.Session, device *config.Device, q profile.Question) (text string, err error) {
	t, err := tagmap.Tag(tagmap.Defaults{Driver: device.Driver}, map[string]string{"tag": "question", "address": q.Address, "type": q.Type})
	if err != nil {
		return "", err
	}
	if err := s.Mend(ctx); err != nil {
		return "", err
	}
	d := *device
	d.Tags = []*mapping.Tag{t}
	s.Read(ctx, &d, func(r *bridge.Reading) {
		if v := r.Values()[0]; r.Err == nil && v.Quality == mapping.Good.String() {
			text = shownValue(v)
		}
		err = r.Err
	})
	return text, err
}
