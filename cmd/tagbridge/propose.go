package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// What check --online tries of its own account, gently.
const (
	maxWireTries = 10 // addresses of one device
	maxMeant     = 3  // ways to read one value that are named
)

// meant says in which other type or order raw, which t reads as something implausible, gives what is within its min and max;
// "" when in none.
func meant(t *mapping.Tag, raw []byte) string {
	if t.Typed() || len(raw) == 0 || t.Address.Table.IsBits() || t.Address.Part != mapping.Whole || t.Type == mapping.TypeString {
		return ""
	}
	var fits []string
	for _, d := range mapping.Decodings(raw, t.Scaling) {
		if 2*d.Registers != len(raw) || strings.HasPrefix(d.Type, mapping.TypeString.String()) || d.Quality.IsBad() ||
			d.Type == t.Type.String() && d.Order == t.Order {
			continue
		}
		v, err := mapping.ParseDecimal(string(d.JSON))
		if err != nil || v == (mapping.Decimal{}) || t.Min.Set && v.Float64() < t.Min.Float64() || t.Max.Set && v.Float64() > t.Max.Float64() {
			continue
		}
		fits = append(fits, fmt.Sprintf("%s %s gives %s", d.Type, d.Order, d.JSON))
	}
	if len(fits) == 0 {
		return ""
	}
	rest := ""
	if n := len(fits) - maxMeant; n > 0 {
		fits, rest = fits[:maxMeant], fmt.Sprintf(", and %d more do", n)
	}
	return " Within them: " + strings.Join(fits, ", ") + rest
}

// A proposer is a protocol that can try what an engineer would when a device does not answer as its map has it.
type proposer interface {
	// units are the numbers that d may have instead of its own, the likeliest first.
	units(d *config.Device) []int
}

// propose tries what may be meant by what r refused, or whom, and says what is answered; taken are units of other devices.
func propose(ctx context.Context, d *config.Device, r *bridge.Reading, taken []int) []string {
	p, ok := protocolOf(d).(proposer)
	if !ok || ctx.Err() != nil {
		return nil
	}
	var refused []*mapping.Tag
	silent := len(r.Batch.Samples) > 0
	for i := range r.Batch.Samples {
		s := &r.Batch.Samples[i]
		t := tagNamed(d, r.Batch.Group.Series[s.Index].Tag)
		silent = silent && (s.Quality == mapping.BadTimeout || s.Quality == mapping.BadNoCommunication)
		if t != nil && isRefusal(s.Quality) && !t.IsComputed() && len(refused) < maxWireTries {
			refused = append(refused, t)
		}
	}
	switch {
	case silent:
		return proposeUnit(ctx, d, r, p, taken)
	case len(refused) > 0:
		return proposeWire(ctx, d, refused)
	}
	return nil
}

func tagNamed(d *config.Device, name string) *mapping.Tag {
	if i := slices.IndexFunc(d.Tags, func(t *mapping.Tag) bool { return t.Name == name }); i >= 0 {
		return d.Tags[i]
	}
	return nil
}

// isRefusal reports what devices say of addresses that they do not have; by the specification it is the first.
func isRefusal(q mapping.Quality) bool {
	return q == mapping.BadConfigurationError || q == mapping.BadOutOfRange || q == mapping.BadDeviceFailure
}

// proposeWire asks for the addresses of refused tags as they are if their manual prints numbers of the wire, or if numbers
// that were taken for those are Modicon's.
func proposeWire(ctx context.Context, d *config.Device, refused []*mapping.Tag) (lines []string) {
	o, err := bridge.OpenRecorder(ctx, d)
	if err != nil {
		return nil
	}
	defer o.Close()
	for _, t := range refused {
		for _, m := range meanings(d, t.Address) {
			n := max(t.Registers(), 1)
			record, err := o.Record(ctx, []mapping.Extent{{Table: m.address.Table, First: int(m.address.Number), Count: n}}, nil)
			if err != nil {
				return lines
			}
			if a := record.Snapshot.Areas; len(a) == 1 && len(a[0].Values) == n {
				lines = append(lines, fmt.Sprintf("%s/%s: %s is answered, and holds %04x: %s", d.Name, t.Name, m.address, a[0].Values, m.words))
			}
		}
	}
	return lines
}

// meaning is another address that is meant by one, and what to do if it is.
type meaning struct {
	address mapping.Address
	words   string
}

// meanings are what else a number may mean that is read as a, which d refuses.
func meanings(d *config.Device, a mapping.Address) (list []meaning) {
	if number, wire, ok := a.AsPrinted(); ok {
		list = append(list, meaning{wire, fmt.Sprintf("is %d the number on the wire? Then write %s, or give the device addresses: wire if all its numbers are",
			number, wire)})
	}
	if counted, ok := a.AsCounted(); ok {
		list = append(list, meaning{counted, fmt.Sprintf("is %d a Modicon number? Then write %s%s", a.Number, counted, withoutWire(d))})
	}
	return list
}

// withoutWire is what else to do where d takes numbers for those of the wire.
func withoutWire(d *config.Device) string {
	if !d.Numbers().Wire {
		return ""
	}
	return ", or take addresses: wire away from the device if all its numbers are"
}

// proposeUnit asks a few other units, as d does not answer as its own.
func proposeUnit(ctx context.Context, d *config.Device, r *bridge.Reading, p proposer, taken []int) []string {
	t := tagNamed(d, r.Batch.Group.Series[0].Tag)
	if t == nil {
		return nil
	}
	var tried []string
	for _, id := range p.units(d) {
		if slices.Contains(taken, id) || ctx.Err() != nil {
			continue
		}
		tried = append(tried, fmt.Sprint(id))
		other := *d
		other.AskUnit(id)
		other.Retries = 0
		o, err := bridge.OpenRecorder(ctx, &other)
		if err != nil {
			return nil
		}
		record, err := o.Record(ctx, []mapping.Extent{{Table: t.Address.Table, First: int(t.Address.Number), Count: 1}}, nil)
		o.Close()
		if err == nil && len(record.Snapshot.Areas)+len(record.Refused) > 0 {
			return []string{fmt.Sprintf("%s: unit %d does not answer, and unit %d does: is it unit_id: %d? (tried %s)",
				d.Name, d.Unit(), id, id, strings.Join(tried, ", "))}
		}
	}
	if len(tried) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: unit %d does not answer, nor do units %s", d.Name, d.Unit(), strings.Join(tried, ", "))}
}
