package drivers

import (
	"log/slog"
	"strings"
	"time"
)

// outages takes a lane's devices from one state to another, and logs and sends that. It is the lane's goroutine's.
type outages struct {
	log     *slog.Logger
	out     *outbox
	reasons reasons // why the connection is down, as far as the log has it
}

// offline notes that d went offline, and logs and sends it, once for an outage. The log also says when the connection
// is back and the device is not, and when there is another reason.
func (o *outages) offline(d *device, to State, err error, now moment) {
	was, _ := d.become(to, err, now)
	if !was.down() {
		d.reasons = reasons{}
	}
	news := d.reasons.news(err, now.mono)
	switch {
	case was == Disconnected && to == Offline, was == Offline && to == Offline && news:
		o.log.Warn("device still offline", "device", d.name, "err", err)
	case !was.down():
		o.log.Warn("device offline", "device", d.name, "err", err, "event", "device-offline", "heard", []time.Time{d.lastHeard()})
		o.out.sendHealth(d, false, 0, now)
	}
}

// disconnected notes that the devices have no connection any more; the log has one line about all that had one, and
// one when there is another reason.
func (o *outages) disconnected(devices []*device, err error, now moment) {
	var gone []string
	var heard []time.Time
	for _, d := range devices {
		if was, _ := d.become(Disconnected, err, now); was.down() {
			continue
		}
		gone, heard = append(gone, d.name), append(heard, d.lastHeard())
		o.out.sendHealth(d, false, 0, now)
	}
	n := len(gone)
	if n > 0 {
		o.reasons = reasons{}
	}
	news := o.reasons.news(err, now.mono)
	switch n {
	case 0:
		if news {
			o.log.Warn("connection still down", "err", err)
		}
	case 1:
		o.log.Warn("device offline", "device", gone[0], "err", err, "event", "device-offline", "heard", heard)
	default:
		o.log.Warn("devices offline, as the connection is down", "devices", n, "names", names(gone), "err", err,
			"event", "device-offline", "of", gone, "heard", heard)
	}
}

// names are the first of gone, for the log.
func names(gone []string) string {
	const most = 5
	if len(gone) > most {
		return strings.Join(gone[:most], ", ") + ", …"
	}
	return strings.Join(gone, ", ")
}

// online notes that d of u answers, and logs and sends it when that is new.
func (o *outages) online(d *device, u *unit, now moment) {
	was, since := d.become(Online, nil, now)
	if d.beside() {
		return
	}
	switch was {
	case Online:
		return
	case Connecting, Elsewhere:
		o.log.Info("device online", "device", d.name)
	default:
		outage := now.mono - since.mono
		missed := d.missPolls(u, outage)
		o.log.Info("device online", "device", d.name, "outage", outage.Round(time.Millisecond), "missed", missed, "event", "device-online")
	}
	o.out.sendHealth(d, true, 0, now)
}
