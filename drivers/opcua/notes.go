package opcua

import "log/slog"

// notes are what the log and the counters are to be told.
type notes struct {
	wrongTimes uint64
	overflows  uint64
	rebuilt    uint64 // subscriptions
	timesTold  bool
	flowTold   uint64
}

// report logs what is new: that times are wrong once, overflows whenever there are ten times as many.
func (n *notes) report(log *slog.Logger, device string, _ *Plan) {
	if n.wrongTimes > 0 && !n.timesTold {
		n.timesTold = true
		log.Warn("time of the server is missing or wrong, the bridge's is used", "device", device)
	}
	if n.overflows >= max(1, 10*n.flowTold) {
		n.flowTold = n.overflows
		log.Warn("values were lost in the server's queue, which was full", "device", device, "times", n.overflows)
	}
}
