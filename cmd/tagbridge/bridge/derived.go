package bridge

import (
	"log/slog"

	"tagbridge/drivers"
	"tagbridge/drivers/derived"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/reckon"
)

// derivedProtocol is that of devices which are computed from others: one lane computes all of them, from what it hears the
// other lanes read.
type derivedProtocol struct {
	hub *derived.Hub
}

// newDerived is for lanes whose present values present yields.
func newDerived(present func(yield func(*mapping.Batch))) derivedProtocol {
	return derivedProtocol{derived.NewHub(present)}
}

// link implements protocol.
func (p derivedProtocol) link(c config.Connection, _ *slog.Logger) (drivers.Link, error) {
	device := ""
	if c.Alone() {
		device = c.Devices[0].Name
	}
	return derived.NewLink(p.hub, device), nil
}

// sameAs implements protocol: one link serves all.
func (derivedProtocol) sameAs(*config.Device) string { return "" }

// manner implements protocol.
func (derivedProtocol) manner(*config.Device) manner { return manner{pushes: true} }

// values implements valuer.
func (derivedProtocol) values(d *config.Device) *drivers.Values {
	v := drivers.NewDerivedValues(d.Name, d.Tags)
	for _, in := range d.Derived.Inputs {
		if kept := v.Input(in.Name); kept != nil { // else d is asked for some of its tags only
			kept.MaxAge = int64(in.MaxAge)
		}
	}
	return v
}

// work implements protocol.
func (derivedProtocol) work(c *Compiler, d *config.Device, tags []*mapping.Tag, _ *compiled) (mapping.Compiled, drivers.Work) {
	made := c.compile(d, tags)
	if tags[0].IsReckoned() {
		return made, &derived.Plan{Codecs: made.Codecs}
	}
	return made, &derived.Plan{ByChange: d.Unasked()}
}

// heard implements listener.
func (p derivedProtocol) heard(b *mapping.Batch) { p.hub.Heard(b) }

// give implements giver.
func (p derivedProtocol) give(r *reckon.Reckoner, list []reckon.Given) {
	results := make([]derived.Result, len(list))
	for i, g := range list {
		s := r.Spec(g.Tag)
		results[i] = derived.Result{Device: s.Device, Tag: s.Tag, Time: g.Time, Number: g.Number, Quality: g.Quality}
	}
	p.hub.Give(results)
}

// forget implements giver.
func (p derivedProtocol) forget(device string) { p.hub.Forget(device) }
