package drivers

import (
	"math"
	"time"

	"tagbridge/mapping"
)

// repeats reports that samples may have to be sent again without being read.
func (o *outbox) repeats() bool { return o.bad > 0 || o.pushed }

// repeat sends again what the jobs' filters say: bad tags, and heartbeats of those that are pushed or dated.
func (o *outbox) repeat(jobs []*Job, now moment) {
	o.flush()
	for _, j := range jobs {
		if j.Filter == nil || !o.pushed && j.live.badTags() == 0 {
			continue
		}
		o.batch.Reset(j.Current())
		j.Filter.Repeat(now.wall, o.batch)
		o.send(j.Filter)
	}
}

// The series of Device.Health.
const (
	onlineIndex = iota
	latencyIndex
)

// sendHealth sends the bridge's own samples of d; no latency when that is not above 0.
func (o *outbox) sendHealth(d *device, online bool, latency time.Duration, now moment) {
	g := d.health()
	if g == nil {
		return
	}
	o.flushOwn()
	o.own.Reset(g)
	o.own.Samples = append(o.own.Samples, healthSample(online, now.wall))
	if latency > 0 {
		ms := math.Round(float64(latency)/float64(time.Microsecond)) / 1e3
		o.own.Samples = append(o.own.Samples, mapping.Sample{
			Time: now.wall, Kind: mapping.F64, Index: latencyIndex, Bits: math.Float64bits(ms),
		})
	}
	if o.owner == nil || len(o.batch.Samples) == 0 { // else they follow the round that is being read, and do not cut it
		o.flushOwn()
	}
}

// flushOwn hands over the bridge's own samples, if any wait.
func (o *outbox) flushOwn() {
	_ = o.hand(&o.own) // that it was not taken is logged and counted
	o.own.Samples = o.own.Samples[:0]
}

func healthSample(online bool, wall int64) mapping.Sample {
	s := mapping.Sample{Time: wall, Kind: mapping.Bool, Index: onlineIndex}
	if online {
		s.Bits = 1
	}
	return s
}
