package bridge

import "tagbridge/mapping/config"

// Planned is the share of its time that the devices of a connection need at their periods, and whether their protocol can
// tell that beforehand.
func Planned(e config.Connection, c *Compiler) (share float64, known bool) {
	r, ok := c.protocols.of(e.Devices[0]).(estimator)
	if !ok {
		return 0, false
	}
	for _, d := range e.Devices {
		share += r.planned(d, c.Device(d)) / float64(parallel(r, d))
	}
	return share, true
}

// Parallel is how many requests to d's connection are under way at a time: after a gateway there is one line.
func Parallel(d *config.Device) int {
	r, _ := newProtocols().of(d).(estimator)
	return parallel(r, d)
}

func parallel(r estimator, d *config.Device) int {
	if r != nil && r.single(d) {
		return 1
	}
	return max(1, d.Endpoint.Connections)
}
