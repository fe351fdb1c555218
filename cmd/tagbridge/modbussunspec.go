package main

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v3"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/sunspec"
)

type sunspecVerb struct {
	Target string `arg:"" help:"URL of a device, or CONFIG#DEVICE to use that device's settings."`
	UnitID int    `default:"-1" placeholder:"N" help:"Modbus unit; default: the device's, or of a URL 1, else 126."`
	Base   int    `default:"-1" placeholder:"N" help:"Holding register at which the device begins; default: 40000, 0 or 50000."`
	CSV    bool   `name:"csv" xor:"format" help:"Print a tag map as CSV."`
	YAML   bool   `name:"yaml" xor:"format" help:"Print a tag map as YAML."`
}

// Run prints the models of a device with their values, or as a tag map.
func (v sunspecVerb) Run(ctx context.Context, std streams) error {
	device, err := readVerb{Target: v.Target, UnitID: v.UnitID}.device(std)
	if err != nil {
		return err
	}
	if device.Driver != "modbus" {
		return fmt.Errorf("%s is no Modbus device: SunSpec is spoken over Modbus", v.Target)
	}
	if v.Base > 0xFFFF || v.Base < -1 {
		return fmt.Errorf("--base %d: registers are numbered from 0 to 65535", v.Base)
	}
	s, err := bridge.OpenSession(ctx, config.Connection{Endpoint: device.Endpoint, Devices: []*config.Device{device}}, bridge.NewCompiler(""))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", bridge.PublicURL(device.Endpoint), err)
	}
	defer s.Close()
	found, err := v.walk(ctx, s, device)
	if err != nil {
		return err
	}
	return v.print(std, found, device)
}

// otherUnit is the one of SunSpec devices that are another unit to those who do not ask for SunSpec: SMA's.
const otherUnit = 126

// walk finds the models of device; of one that is nothing but an address, those of another unit when it has none.
func (v sunspecVerb) walk(ctx context.Context, s *bridge.Session, device *config.Device) (*sunspec.Device, error) {
	o := sunspec.Options{MaxRegisters: device.Modbus.MaxRegisters}
	if v.Base >= 0 {
		o.Bases = []int{v.Base}
	}
	r := registers{session: s, device: *device}
	found, err := sunspec.Walk(ctx, r.read, o)
	if err == nil || ctx.Err() != nil || v.UnitID >= 0 || strings.Contains(v.Target, "#") {
		return found, v.explain(err)
	}
	r.device.AskUnit(otherUnit)
	found, other := sunspec.Walk(ctx, r.read, o)
	if other != nil {
		return nil, fmt.Errorf("%w; unit %d: %v", v.explain(err), otherUnit, other)
	}
	device.AskUnit(otherUnit)
	found.Remarks = append(found.Remarks, fmt.Sprintf("unit %d has no models, unit %d has: set unit_id: %d", 1, otherUnit, otherUnit))
	return found, nil
}

// explain says what to do about err.
func (v sunspecVerb) explain(err error) error {
	if errors.Is(err, sunspec.ErrNoMarker) {
		return fmt.Errorf("%w: is SunSpec switched on in the device, and is this its unit (--unit-id), or does it begin elsewhere (--base)?", err)
	}
	return err
}

// registers are those of a unit, read as they are asked for.
type registers struct {
	session *bridge.Session
	device  config.Device
}

// read is a sunspec.Read: one tag over all that is asked for is read with one request, and never in parts.
func (r *registers) read(ctx context.Context, first, count int) (raw []byte, err error) {
	d := r.device
	d.Tags = []*mapping.Tag{{
		Name: "registers", Address: mapping.Address{Table: mapping.Holding, Number: uint16(first)},
		Traits: &mapping.Traits{Type: mapping.TypeString, Length: 2 * count, Poll: d.Poll},
	}}
	if err := r.session.Mend(ctx); err != nil {
		return nil, err
	}
	r.session.Read(ctx, &d, func(got *bridge.Reading) {
		v := got.Values()[0]
		switch {
		case got.Err != nil:
			err = got.Err
		case v.Raw == "" || got.Batch.Samples[0].Quality.IsBad():
			err = fmt.Errorf("%w: %s", sunspec.ErrRefused, v.Error)
		default:
			raw, err = hex.DecodeString(v.Raw)
		}
	})
	return raw, err
}

func (v sunspecVerb) print(std streams, found *sunspec.Device, device *config.Device) error {
	rows, remarks := found.Rows(device.Modbus.MaxRegisters)
	if device.Modbus.Order != mapping.ABCD {
		remarks = append(remarks, fmt.Sprintf("the device has order: %v; SunSpec's is ABCD", device.Modbus.Order))
	}
	for _, r := range append(found.Remarks, remarks...) {
		fmt.Fprintln(std.err, "note:", forTerminal(r))
	}
	if len(rows) == 0 {
		return errors.New("it has no model that is known here")
	}
	switch {
	case v.CSV:
		fmt.Fprintln(std.out, "#", modelsIn(found))
		w := csv.NewWriter(std.out)
		w.Write(sunspec.Columns)
		for _, r := range rows {
			w.Write(cells(r.Cells()...))
		}
		w.Flush()
		return w.Error()
	case v.YAML:
		fmt.Fprintln(std.out, "#", modelsIn(found))
		e := yaml.NewEncoder(std.out)
		e.SetIndent(2)
		if err := e.Encode(rows); err != nil {
			return err
		}
		return e.Close()
	}
	printModels(std, found)
	return nil
}

// modelsIn says which models are there.
func modelsIn(d *sunspec.Device) string {
	list := make([]string, len(d.Models))
	for i, m := range d.Models {
		list[i] = fmt.Sprintf("%d at %d", m.ID, m.Address)
	}
	return fmt.Sprintf("SunSpec from holding %d on; models %s", d.Base, strings.Join(list, ", "))
}

// printModels shows models below each other, with the values that the device has.
func printModels(std streams, d *sunspec.Device) {
	for _, m := range d.Models {
		label := "not known here"
		if m.Model != nil {
			label = m.Model.Label
		}
		fmt.Fprintf(std.out, "model %d, holding %d-%d: %s\n", m.ID, m.Address, m.Address+1+m.Length, label)
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		for _, v := range m.Values {
			if !v.Missing() && v.Point.Type != "sunssf" && v.Point.Type != "pad" {
				name := strings.Join(append(v.Path[:len(v.Path):len(v.Path)], v.Point.Name), "/")
				fmt.Fprintf(table, "  %s\t%s %s\t%s\n", name, forTerminal(v.Show()), v.Point.Unit, v.Point.Text)
			}
		}
		table.Flush()
	}
}
