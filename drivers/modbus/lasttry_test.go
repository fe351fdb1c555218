package modbus

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// slowLine is a link to a serial line whose units answer as answer says, and a job that reads tags of unit 1.
func slowLine(answer func(r request) (time.Duration, []byte), tags []*mapping.Tag) (*Link, *drivers.Job) {
	units := &slowUnits{last: map[uint8]time.Time{}, answer: answer}
	l := newBus(rtu{}, newPace(Serial{Baud: 115200, Data: 8, Stop: 1, Parity: "even"}),
		func(context.Context) (stream, error) { return units, nil })
	l.learns = true
	d := &odd{retries: 1}
	j := d.job(1, planOf(Limits{}, tags...), tags)
	j.Device.Timeout = time.Second
	return newLink(LinkOptions{}, l), j
}

// A unit that is usually fast has all of its timeout before it is given up, or one of its registers is.
func TestLastTryHasTheWholeTimeout(t *testing.T) {
	for _, test := range []struct {
		name string
		late func(n int, r request) bool // the n-th request after the first minute
	}{
		{"twice late", func(n int, _ request) bool { return n <= 2 }},
		{"one register is always late", func(_ int, r request) bool { return r.address == 100 }},
	} {
		for _, tags := range [][]*mapping.Tag{words(0, 100, 200), words(100)} {
			synctest.Test(t, func(t *testing.T) {
				begun, n := time.Now(), 0
				link, job := slowLine(func(r request) (time.Duration, []byte) {
					if time.Since(begun) < time.Minute {
						return 10 * time.Millisecond, pduOf(r)
					}
					if n++; test.late(n, r) {
						return 400 * time.Millisecond, pduOf(r)
					}
					return 10 * time.Millisecond, pduOf(r)
				}, tags)
				count := map[mapping.Quality]int{}
				lane := drivers.NewLane(link, drivers.LaneOptions{Append: func(b *mapping.Batch) error {
					for _, s := range b.Samples {
						count[s.Quality]++
					}
					return nil
				}})
				lane.Apply([]*drivers.Job{job})
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				lane.Run(ctx)
				if len(count) != 1 || count[mapping.Good] < 150*len(tags) {
					t.Errorf("%s, %d tags: %v, want all Good", test.name, len(tags), count)
				}
			})
		}
	}
}
