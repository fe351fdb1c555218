package bridge

import (
	"log/slog"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/reckon"
)

// A protocol is what the bridge knows of a driver: how its devices are reached and what is read of them. Nothing else in
// this package knows which drivers there are. A driver may also be a learner or an estimator.
type protocol interface {
	// link makes the link of a connection, unopened. It may be called by any goroutine.
	link(c config.Connection, log *slog.Logger) (drivers.Link, error)
	// sameAs is equal for devices at one endpoint that the same link serves. It may hold secrets.
	sameAs(d *config.Device) string
	// manner is how d is reached.
	manner(d *config.Device) manner
	// work compiles tags of d, all of one period, with c. before is what d was compiled to before a reload; nil: it is new.
	work(c *Compiler, d *config.Device, tags []*mapping.Tag, before *compiled) (mapping.Compiled, drivers.Work)
}

// manner is how a device is reached.
type manner struct {
	connect time.Duration // for a command to connect within; 0: the link bounds itself
	pushes  bool          // the link is a drivers.Waiter and a drivers.Dropper
}

// A learner is a protocol whose plans find out about a device what is better known from the start.
type learner interface {
	protocol
	// learned is what the jobs of d have found out, as recall takes it; nil: nothing.
	learned(d *config.Device, jobs []*drivers.Job) []byte
	// recall gives jobs of d, which have not been used, what was learned before. A text that is damaged, or of another
	// device, says nothing.
	recall(d *config.Device, jobs []*drivers.Job, text []byte)
}

// An estimator is a protocol that can tell beforehand how long its requests take.
type estimator interface {
	protocol
	// planned is the share of its connection's time that jobs of d need, as they are laid out now.
	planned(d *config.Device, jobs []*drivers.Job) float64
	// single reports that one line after the connection carries all, however many lead to it.
	single(d *config.Device) bool
}

// A valuer is a protocol that knows what formulas of a device need, where that is not in its own map.
type valuer interface {
	protocol
	values(d *config.Device) *drivers.Values
}

// A listener is a protocol that hears what is read of devices of all protocols; there is at most one.
type listener interface {
	protocol
	heard(*mapping.Batch)
}

// A giver is a protocol whose lane sends on what is reckoned from the journal; there is at most one.
type giver interface {
	protocol
	give(*reckon.Reckoner, []reckon.Given)
	// forget leaves out what was given for a device and is not sent yet.
	forget(device string)
}

// protocols are those that there are, by the driver's name in the configuration. What they know of endpoints holds for as
// long as they are used.
type protocols map[string]protocol

// newProtocols makes them where nothing is read all the time.
func newProtocols() protocols { return protocolsOf(func(func(*mapping.Batch)) {}) }

// protocolsOf makes them for lanes whose present values present yields.
func protocolsOf(present func(yield func(*mapping.Batch))) protocols {
	return protocols{"modbus": newModbus(), "opcua": opcuaProtocol{}, "derived": newDerived(present)}
}

// heard is what each lane hands what it reads to; nil: nobody listens.
func (p protocols) heard() func(*mapping.Batch) {
	for _, one := range p {
		if l, ok := one.(listener); ok {
			return l.heard
		}
	}
	return nil
}

// give hands on what is reckoned.
func (p protocols) give(r *reckon.Reckoner, list []reckon.Given) {
	for _, one := range p {
		if g, ok := one.(giver); ok {
			g.give(r, list)
		}
	}
}

// forget leaves out what was given for a device.
func (p protocols) forget(device string) {
	for _, one := range p {
		if g, ok := one.(giver); ok {
			g.forget(device)
		}
	}
}

// of is the protocol of d.
func (p protocols) of(d *config.Device) protocol { return p[d.Driver] }
