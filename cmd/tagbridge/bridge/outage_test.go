package bridge

import (
	"context"
	"net/http"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

const threeTags = "tag,address,type,scale,unit\ntemp,40001,int16,0.1,°C\npower,40003,float32,,kW\ndoor,10001,,,\n"

// pollTimes are the times of the device's points, each once.
func pollTimes(points []influxd.Point) map[int64]int {
	times := map[int64]int{}
	for i := range points {
		if points[i].Measurement == "plc" && points[i].Field("temp") != nil {
			times[points[i].Time]++
		}
	}
	return times
}

// TestOutageLosesNothing has the database refuse, freeze and cut for a while: what was read meanwhile arrives, in order.
func TestOutageLosesNothing(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	r.wait("the first poll", func(p []influxd.Point) bool { return len(pollTimes(p)) > 0 })

	for _, status := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusNotFound} {
		r.influx.Always(influxd.Step{Status: status})
		before := r.influx.Count().Status[status]
		b.await("the sink to be refused", func() bool { return r.influx.Count().Status[status] > before })
	}
	polls := b.bridge.Devices()[0].Polls
	b.await("ten more polls", func() bool { return b.bridge.Devices()[0].Polls >= polls+10 })
	r.influx.Always(influxd.Step{})
	r.wait("the backlog", func(p []influxd.Point) bool { return uint64(len(pollTimes(p))) >= polls+10 })
	b.stop()

	count := r.influx.Count()
	if count.Changed != 0 || count.Disorder != 0 || count.Malformed != 0 {
		t.Errorf("stored %+v", count)
	}
	total := b.bridge.Devices()[0].Polls
	if got := uint64(len(pollTimes(r.influx.Points()))); got != total {
		t.Errorf("%d polls were made, %d arrived", total, got)
	}
	if s := b.bridge.Sinks()[0]; s.Rejected != 0 || s.Dropped != 0 || s.BehindSamples != 0 {
		t.Errorf("the sink ended as %+v", s)
	}
}

// TestRefusedFieldAlone has the database refuse one field for its type: the others of the same poll arrive.
func TestRefusedFieldAlone(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	r.influx.Refuse("power")
	b := r.run()
	r.wait("temp and door", func(p []influxd.Point) bool { return len(pollTimes(p)) > 3 })
	b.await("a rejection", func() bool { return b.bridge.Sinks()[0].Rejected > 3 })
	b.stop()
	for _, p := range r.influx.Points() {
		if p.Field("power") != nil {
			t.Fatalf("a refused field was stored: %+v", p)
		}
	}
	if s := b.bridge.Sinks()[0]; s.Delivered == 0 || s.BehindSamples != 0 {
		t.Errorf("the sink ended as %+v", s)
	}
}

// TestDeadDeviceAndReturn has the PLC go and come back.
func TestDeadDeviceAndReturn(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	b.awaitQuality(mapping.Good)
	lift := unit.Inject(plc.Fault{Kind: plc.Silence})
	b.awaitQuality(mapping.BadTimeout)
	lift()
	b.awaitQuality(mapping.Good)
	r.wait("the quality in the database", func(points []influxd.Point) bool {
		var seen []any
		for i := range points {
			if q := points[i].Field("temp.quality"); q != nil {
				seen = append(seen, q)
			}
		}
		return len(seen) == 2 && seen[0] == "BadTimeout" && seen[1] == "Good"
	})
}

// await waits until done says so.
func (b *running) await(what string, done func() bool) {
	b.t.Helper()
	if !b.within(done) {
		b.t.Fatalf("waited in vain for %s", what)
	}
}

// within reports whether done says so before the patience is over.
func (b *running) within(done func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patienceOfTests)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// awaitQuality waits until the last sample of every tag has it.
func (b *running) awaitQuality(q mapping.Quality) {
	b.t.Helper()
	b.await(q.String(), func() bool {
		for tag := range b.bridge.now.Load().connections[0].lane.Tags() {
			if tag.Sample.Quality != q {
				return false
			}
		}
		return true
	})
}
