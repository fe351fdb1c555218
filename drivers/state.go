package drivers

import "time"

// State is how a device is doing.
type State uint8

// The states of a device.
const (
	Connecting   State = iota // nothing is known yet
	Online                    // its unit answers
	Offline                   // its unit does not answer
	Disconnected              // there is no connection
	Elsewhere                 // another process reads it
)

var stateNames = [...]string{"connecting", "online", "offline", "disconnected", "elsewhere"}

func (s State) String() string { return stateNames[s] }

// down reports that nothing is read of the device.
func (s State) down() bool { return s == Offline || s == Disconnected }

// become takes the device to another state. It returns the one before, and since when the device was as well or ill as
// it was in that.
func (d *device) become(to State, err error, now moment) (was State, since moment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was, since = d.state, d.since
	if was == Connecting && !d.down.IsZero() {
		since = d.downSince(now)
		if to == Online {
			was = Offline
		}
	}
	d.state, d.err = to, err
	switch {
	case was == Connecting && to.down() && !d.down.IsZero():
		d.since = since
	case was == Connecting || was == Elsewhere || was.down() != to.down():
		d.since = now
	}
	return was, since
}

// leave notes that another process reads d from now on, as l says.
func (d *device) leave(now moment, l *Lease) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != Elsewhere {
		d.state, d.err, d.since, d.down = Elsewhere, elsewhere{l}, now, time.Time{}
	}
}

// downSince is when the outage began that was under way before the lane knew d.
func (d *device) downSince(now moment) moment {
	wall := min(d.down.UnixNano(), now.wall)
	return moment{mono: now.mono - time.Duration(now.wall-wall), wall: wall}
}

// why is why the device is not online; nil when it is.
func (d *device) why() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == Online {
		return nil
	}
	return d.err
}

// missPolls counts the polls of d, of unit u, that an outage of that length has cost.
func (d *device) missPolls(u *unit, outage time.Duration) uint64 {
	var n uint64
	for _, j := range u.jobs {
		if j.dev == d {
			n += uint64(outage / j.sched.period)
		}
	}
	d.mu.Lock()
	d.missed += n
	d.mu.Unlock()
	return n
}
