package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// checkOnline reads every tag once and prints value and quality, a line a tag; a connection that fails is one line.
func checkOnline(ctx context.Context, cfg *config.Config, std streams) error {
	failed := false
	c := bridge.NewCompiler(cfg.Bridge.Name)
	for _, e := range cfg.Connections() {
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		var remarks []string
		var reads []*bridge.Reading
		err := bridge.ReadOnce(ctx, e, c, func(r *bridge.Reading) {
			if printReading(table, e, r) {
				failed = true
			}
			remarks = append(remarks, ofServer(r)...)
			reads = append(reads, r)
		})
		table.Flush()
		for _, r := range reads {
			remarks = append(remarks, proposals(ctx, e, r)...)
		}
		for i, text := range remarks {
			if !slices.Contains(remarks[:i], text) {
				fmt.Fprintln(std.out, text)
			}
		}
		if err != nil {
			failed = true
			for _, d := range e.Devices {
				fmt.Fprintf(std.out, "%s: %s: %s\n", d.Name, bridge.PublicURL(d.Endpoint), forTerminal(err.Error()))
			}
		}
	}
	if failed {
		return exitStatus(exitFailed)
	}
	return nil
}

// proposals are what may be meant by what r, of a device of e, refused.
func proposals(ctx context.Context, e config.Connection, r *bridge.Reading) (lines []string) {
	var taken []int
	for _, d := range e.Devices {
		taken = append(taken, d.Unit())
	}
	for _, d := range e.Devices {
		if d.Name == r.Job.Device.Name {
			lines = propose(ctx, d, r, taken)
		}
	}
	return lines
}

// ofServer is what there is to say of the server of r, a line each.
func ofServer(r *bridge.Reading) (lines []string) {
	if c, ok := r.Job.Work.(drivers.Critic); ok {
		for _, text := range c.Remarks() {
			lines = append(lines, r.Job.Device.Name+": "+text)
		}
	}
	return lines
}

// printReading writes a line a tag and reports whether one could not be read. Where numbers of the wire are among the
// addresses of e, it has them in both notations.
func printReading(table *tabwriter.Writer, e config.Connection, r *bridge.Reading) (failed bool) {
	group := r.Batch.Group
	lines := make([]string, len(group.Series))
	for i := range r.Batch.Samples {
		s := &r.Batch.Samples[i]
		series := group.Series[s.Index]
		text, lacks := remark(r, s)
		failed = failed || lacks
		lines[s.Index] = fmt.Sprintf("%s/%s\t%s\t%s\t%s%s", group.Device, series.Tag, forTerminal(shown(s, series, &r.Batch)), s.Quality,
			bothNotations(e, group.Device, series.Tag), forTerminal(text))
	}
	for _, line := range lines {
		fmt.Fprintln(table, line)
	}
	return failed
}

// bothNotations is a cell with the address of a tag as the wire and as Modicon counts; there is none where no device of e
// has numbers of the wire.
func bothNotations(e config.Connection, device, tag string) (cell string) {
	wire := func(d *config.Device) bool { return d.Numbers().Wire }
	if !slices.ContainsFunc(e.Devices, wire) {
		return ""
	}
	for _, d := range e.Devices {
		if t := tagNamed(d, tag); d.Name == device && t != nil && wire(d) && !t.IsComputed() {
			return fmt.Sprintf("%s (%s)\t", t.Address, t.Address.Modicon())
		}
	}
	return "\t"
}

// remark is what there is to say of s, and whether it makes the check fail.
func remark(r *bridge.Reading, s *mapping.Sample) (text string, failed bool) {
	i := int(s.Index)
	switch c, ok := r.Job.Work.(drivers.Critic); {
	case s.Quality.IsBad():
		if text = r.Job.Err(i); text == "" && r.Err != nil {
			text = r.Err.Error()
		}
		if r.Job.Compute.IsReckoned(i) {
			return text, false // which nobody can read at once
		}
		return text + advice(r.Job, i, s.Quality, text), true
	case s.Quality == mapping.UncertainUnitsExceeded:
		text = "outside min to max of the map: are type, order and scale right?"
		if raw, ok := r.Job.Work.(tagged); ok {
			text += meant(raw.Tag(i), r.Job.Work.Raw(nil, i))
		}
		return text, false
	case ok && c.Lack(i) != "":
		return c.Lack(i), true
	}
	return advice(r.Job, i, s.Quality, ""), false
}

// tagged is a plan that knows the tags of its job.
type tagged interface{ Tag(index int) *mapping.Tag }

// advice is what there is to look at about tag i.
func advice(j *drivers.Job, i int, q mapping.Quality, reason string) string {
	if a, ok := j.Work.(drivers.Adviser); ok {
		return a.Advice(i, q, reason)
	}
	return ""
}

// shown is the value of s for people: with its unit, and the text of an enumeration behind it.
func shown(s *mapping.Sample, series *mapping.Series, b *mapping.Batch) string {
	if s.Kind == mapping.None {
		return "-"
	}
	var text []byte
	if s.Kind == mapping.Text {
		text = b.Text(s)
	}
	value := string(mapping.AppendJSONValue(nil, series, s, text))
	if series.Unit != "" {
		value += " " + series.Unit
	}
	if s.Kind == mapping.Int || s.Kind == mapping.Uint || s.Kind == mapping.Int64 {
		if name := series.EnumText(int64(s.Bits)); name != "" {
			value += " (" + name + ")"
		}
	}
	return value
}
