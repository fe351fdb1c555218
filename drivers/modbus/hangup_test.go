package modbus

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// A device that takes connections and hangs up on whatever it is asked, as a gateway does whose device was switched off,
// is not online until it has answered something, and is soon when it does.
func TestDeviceThatHangsUpOnEverythingIsNotOnline(t *testing.T) {
	pairs := func(first, n, step int) (tags []*mapping.Tag) {
		for i := range n {
			tags = append(tags, words(first+i*step)...)
		}
		return tags
	}
	for _, retries := range []int{0, 1, 2} {
		for name, tags := range map[string][]*mapping.Tag{
			"one tag": words(7), "two tags": words(7, 900), "one request": span(0, 60), "many requests": pairs(0, 40, 200),
			"large requests": span(0, 400),
		} {
			t.Run(fmt.Sprint(name, " ", retries), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newOdd(t, "hangs up", nil, odd{tags: tags, alone: true})
					d.retries = retries
					d.run()
					for range 2 {
						d.pass(20 * time.Second)
						if s := d.lane.Devices()[0]; s.State != drivers.Online {
							t.Fatalf("%v, want online", s.State)
						}
						d.t.odd = longer(0)
						d.wantDown(2 * time.Minute)
						d.t.odd = nil
						d.pass(time.Minute)
					}
				})
			})
		}
	}
}

// wantDown lets time pass, in which the device of unit 1 is not online for long, and not online again.
func (d *odd) wantDown(by time.Duration) {
	d.test.Helper()
	down := false
	for range by / (250 * time.Millisecond) {
		d.pass(250 * time.Millisecond)
		s := d.lane.Devices()[0]
		if down && s.State == drivers.Online {
			d.test.Fatalf("online, as it seems, after %v: %v", time.Since(d.t.start), s.State)
		}
		down = down || s.State != drivers.Online
	}
	if !down {
		d.test.Fatal("online, as it seems, all the time")
	}
}
