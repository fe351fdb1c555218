package drivers

import (
	"strings"
	"time"
)

// State is how a device is doing.
type State uint8

// The states of a device.
const (
	Connecting   State = iota // nothing is known yet
	Online                    // its unit answers
	Offline                   // its unit does not answer
	Disconnected              // there is no connection
)

var stateNames = [...]string{"connecting", "online", "offline", "disconnected"}

func (s State) String() string { return stateNames[s] }

// down reports that nothing is read of the device.
func (s State) down() bool { return s == Offline || s == Disconnected }

// turn takes the device to another state. It returns the one before, and since when the device was as well or ill as
// it was in that.
func (d *device) turn(to State, err error, now moment) (was State, since moment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was, since = d.state, d.since
	d.state, d.err = to, err
	if was == Connecting || was.down() != to.down() {
		d.since = now
	}
	return was, since
}

// turnOffline notes that d went offline, and logs and sends it, once for an outage. The log also says when the connection
// is back and the device is not, and when there is another reason.
func (l *Lane) turnOffline(d *device, to State, err error, now moment) {
	was, _ := d.turn(to, err, now)
	if !was.down() {
		d.reasons = reasons{}
	}
	news := d.reasons.news(err, now.mono)
	switch {
	case was == Disconnected && to == Offline, was == Offline && to == Offline && news:
		l.log.Warn("device still offline", "device", d.name, "err", err)
	case !was.down():
		l.log.Warn("device offline", "device", d.name, "err", err)
		l.out.sendHealth(d, false, 0, now)
	}
}

// turnDisconnected notes that the devices have no connection any more; the log has one line about all that had one, and
// one when there is another reason.
func (l *Lane) turnDisconnected(devices []*device, err error, now moment) {
	var gone []string
	for _, d := range devices {
		if was, _ := d.turn(Disconnected, err, now); was.down() {
			continue
		}
		gone = append(gone, d.name)
		l.out.sendHealth(d, false, 0, now)
	}
	const most = 5
	n := len(gone)
	if n > 0 {
		l.reasons = reasons{}
	}
	news := l.reasons.news(err, now.mono)
	if n > most {
		gone = append(gone[:most], "…")
	}
	switch n {
	case 0:
		if news {
			l.log.Warn("connection still down", "err", err)
		}
	case 1:
		l.log.Warn("device offline", "device", gone[0], "err", err)
	default:
		l.log.Warn("devices offline, as the connection is down", "devices", n, "names", strings.Join(gone, ", "), "err", err)
	}
}

// turnOnline notes that d of u answers, and logs and sends it when that is new.
func (l *Lane) turnOnline(d *device, u *unit, now moment) {
	was, since := d.turn(Online, nil, now)
	switch was {
	case Online:
		return
	case Connecting:
		l.log.Info("device online", "device", d.name)
	default:
		outage := now.mono - since.mono
		missed := d.missPolls(u, outage)
		l.log.Info("device online", "device", d.name, "outage", outage.Round(time.Millisecond), "missed", missed)
	}
	l.out.sendHealth(d, true, 0, now)
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
