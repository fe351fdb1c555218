package opcua

import (
	"log/slog"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
)

// notes are what the log and the counters are to be told.
type notes struct {
	wrongTimes uint64
	overflows  uint64
	rebuilt    uint64 // subscriptions
	timesTold  bool
	flowTold   uint64
	refused    wire.Status // of subscriptions, as the log has it
	slowest    time.Duration
	items      wire.Status // of nodes that are not monitored, likewise
	clock      string      // what was said of the server's
	still      bool
	offset     time.Duration
}

// report logs what is new: that times are wrong once, overflows whenever there are ten times as many.
func (n *notes) report(log *slog.Logger, device string) {
	if n.wrongTimes > 0 && !n.timesTold {
		n.timesTold = true
		log.Warn("time of the server is missing or wrong, the bridge's is used", "device", device)
	}
	if n.overflows >= max(1, 10*n.flowTold) {
		n.flowTold = n.overflows
		log.Warn("values were lost in the server's queue, which was full", "device", device, "times", n.overflows)
	}
}

// unsubscribed logs that the server makes no subscription for a job.
func (n *notes) unsubscribed(log *slog.Logger, j *drivers.Job, status wire.Status) {
	if n.refused != status {
		n.refused = status
		log.Warn("the server makes no subscription, its tags are read now and then: mode: poll reads them at their period",
			"device", j.Device.Name, "err", status)
	}
}

// unmonitored logs that the server does not monitor nodes.
func (n *notes) unmonitored(log *slog.Logger, p *Plan, nodes int, status wire.Status) {
	if n.items != status {
		n.items = status
		log.Warn("the server does not monitor some nodes, they are read now and then: mode: poll reads them at their period",
			"nodes", nodes, "of", len(p.tags), "err", status)
	}
}

// slow logs that the server publishes more slowly than it was asked to.
func (n *notes) slow(log *slog.Logger, j *drivers.Job, asked, got time.Duration) {
	if n.slowest != got {
		n.slowest = got
		log.Warn(tooSlow(asked, got), "device", j.Device.Name)
	}
}
