package opcua

import (
	"slices"

	"tagbridge/drivers/opcua/wire"
)

// Values of a subscription come by two ways: pushed, in the server's order, and read. What is pushed is delivered as it
// comes. What is read of a monitored tag is only compared with that, and delivered where nothing was, or something was
// lost; then it may be newer than what is still being pushed, which is dropped.

// order is when a value was, by the server's clocks: at its source, and when the server took it.
type order struct{ source, server int64 }

func orderOf(v *wire.DataValue) order { return order{v.Source, v.Server} }

// origin is how the last value of a tag came.
type origin uint8

const (
	fromNowhere origin = iota // there was none
	fromServer                // it was pushed
	fromReading
)

func (o order) known() bool { return o.source != 0 || o.server != 0 }

// compare is below 0 when a was before b, and 0 when that cannot be told.
func (a order) compare(b order) int {
	if a.source != 0 && b.source != 0 && a.source != b.source {
		return sign(a.source, b.source)
	}
	if a.server != 0 && b.server != 0 {
		return sign(a.server, b.server)
	}
	return 0
}

func sign(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// takes reports whether what was read of tag i is to be delivered. The caller holds p.mu.
func (v subscriber) takes(i int, val *wire.DataValue) bool {
	s := &v.p.sub
	if !v.p.monitors(uint16(i)) {
		if !val.Status.IsBad() && v.p.unmonitored[i].Base() == wire.BadNodeIDUnknown {
			s.retryAt = v.o.Now() // it is back
		}
		return true
	}
	if val.Status.Base() == wire.BadNodeIDUnknown {
		v.remake(i, wire.BadNodeIDUnknown)
		return true
	}
	now := orderOf(val)
	newer := now.compare(s.last[i])
	switch {
	case now.known() && (s.from[i] == fromNowhere || s.gap && newer > 0):
		s.last[i], s.from[i] = now, fromReading
		delete(s.stale, i)
		return true
	case s.from[i] != fromNowhere && (newer < 0 || v.p.same(i, val) || v.p.tags[i].Deadband.Value != 0):
		delete(s.stale, i)
		return false
	}
	if s.stale[i]++; s.stale[i] >= staleReads {
		delete(s.stale, i)
		v.remake(i, wire.Good)
	} else if soon := v.o.Now().Add(max(v.o.Watchdog, 3*s.interval)); soon.Before(s.auditAt) {
		s.auditAt = soon
	}
	return false
}

// remake has the item of tag i made anew. The caller holds p.mu.
func (v subscriber) remake(i int, status wire.Status) {
	v.p.unmonitored[i] = status
	v.p.sub.retryAt = v.o.Now()
	if status == wire.BadNodeIDUnknown {
		v.p.sub.retryAt = v.p.sub.retryAt.Add(retryPeriods * v.o.Watchdog)
	}
}

// same reports that v is the value of tag i that came last, as far as that is kept.
func (p *Plan) same(i int, v *wire.DataValue) bool {
	return slices.Equal(p.raw[i], v.Value.Raw[:min(len(v.Value.Raw), maxRaw)])
}

// pushed reports whether a value that was pushed for tag i is to be delivered; late tells that its notification was
// overtaken by another. The caller holds p.mu.
func (p *Plan) pushed(i int, v *wire.DataValue, late bool) bool {
	s := &p.sub
	now := orderOf(v)
	if late || s.from[i] == fromReading {
		c := now.compare(s.last[i])
		if now.known() && (c < 0 || c == 0 && now.source == s.last[i].source && p.same(i, v)) {
			return false
		}
	}
	s.last[i], s.from[i] = now, fromServer
	if len(s.stale) > 0 {
		delete(s.stale, i)
	}
	return true
}
