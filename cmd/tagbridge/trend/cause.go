package trend

import (
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/cmd/tagbridge/gaps"
)

// Explain gives the reasons of gaps that events tell: when the bridge was off, a device offline, the configuration reloaded.
// Events come in the order of their times.
func Explain(lines []*Line, happened []events.Event) {
	for _, l := range lines {
		device, _, _ := strings.Cut(l.Tag, "/")
		for i := range l.Gaps {
			g := &l.Gaps[i]
			silent := g.Reason == string(gaps.NothingRead)
			if why := causeOf(happened, device, g); why != "" && (silent || why == gaps.DeviceOffline && strings.HasPrefix(g.Reason, string(gaps.TagBad))) {
				g.Reason = string(why)
			}
		}
	}
}

// causeOf is what events say of a gap; "": nothing.
func causeOf(happened []events.Event, device string, g *Gap) (why gaps.Reason) {
	offline := false
	for i := range happened {
		e := &happened[i]
		if g.Until != nil && e.Time.After(g.Until.Add(slack)) {
			break
		}
		before := g.Since != nil && e.Time.Before(g.Since.Add(-slack))
		switch {
		case e.Kind == events.DeviceOffline && e.Device == device:
			offline = true
		case e.Kind == events.DeviceOnline && e.Device == device:
			if !before {
				why = gaps.DeviceOffline
			}
			offline = false
		case before:
		case e.Kind == events.Start || e.Kind == events.Stop:
			return gaps.BridgeOff
		case e.Kind == events.Reload && why == "":
			why = gaps.Reload
		}
	}
	if offline {
		return gaps.DeviceOffline
	}
	return why
}

// slack is how much later than a sample an event may be noted that has to do with it.
const slack = 2 * time.Second
