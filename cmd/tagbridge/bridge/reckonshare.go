package bridge

import (
	"maps"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
	"tagbridge/mapping/reckon"
)

// Where several bridges share their devices, windows, totals and alarms begin anew with each reader: what another one has read is not
// known here. Looking at the leases before anything of the log is taken is enough: a lane reads nothing before it has its own.

// followed is the lease of a device whose tags are reckoned.
type followed struct {
	lease *drivers.Lease
	known bool // here and times say what the reckoner was told last
	here  bool
	times uint64
}

// leasesOf are the leases of those devices of cfg that have reckoned tags; nil: nobody else reads any.
func (b *Bridge) leasesOf(cfg *config.Config, specs []reckon.Spec) map[string]*followed {
	if b.o.Share == nil {
		return nil
	}
	needed := map[string]bool{}
	for i := range specs {
		needed[specs[i].Device] = true
	}
	leases := map[string]*followed{}
	for _, c := range cfg.Connections() {
		for _, d := range c.Devices {
			if needed[d.Name] {
				leases[d.Name] = &followed{lease: b.lease(c)}
			}
		}
	}
	return leases
}

// sharesAlike reports that what is reckoned of two configurations is read by the same leases.
func (b *Bridge) sharesAlike(old, new *config.Config, specs []reckon.Spec) bool {
	return maps.EqualFunc(b.leasesOf(old, specs), b.leasesOf(new, specs), func(a, b *followed) bool { return a.lease == b.lease })
}

// follow has what is read elsewhere from now on, or here, begin anew.
func (r *reckoning) follow() {
	var entered, left map[string]bool
	for device, f := range r.leases {
		here, times := f.lease.Held(), f.lease.Times()
		switch {
		case here && (!f.here || times != f.times):
			entered = with(entered, device)
		case !here && (f.here || !f.known):
			left = with(left, device)
		}
		f.known, f.here, f.times = true, here, times
	}
	if left != nil {
		r.core.Leave(left)
		r.left(left)
	}
	if entered != nil {
		r.core.Enter(entered)
		r.left(entered) // what was given before is of another time
		r.logger.Info("windows, totals and alarms begin anew: this member reads their devices from now on", "devices", len(entered))
	}
}

func with(set map[string]bool, name string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[name] = true
	return set
}

// share makes leases what is followed, for a new core.
func (r *reckoning) share(leases map[string]*followed) {
	away := map[string]bool{}
	for device, f := range leases {
		if old := r.leases[device]; old != nil && old.lease == f.lease {
			*f = *old
		}
		if f.known && !f.here {
			away[device] = true
		}
	}
	r.leases = leases
	if len(away) > 0 {
		r.core.Leave(away)
	}
	r.follow()
}

// leftReckoned leaves out what is known of the alarms of devices, and what was reckoned for them and is not sent yet.
func (b *Bridge) leftReckoned(devices map[string]bool) {
	b.alarms.leave(devices)
	for device := range devices {
		b.alarmHub.Forget(device)
		b.protocols.forget(device)
	}
}
