package sinks

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestForwarderRejectsWhatIsUnfit has a sink that cannot write multiples of three, and is down now and then. They are
// rejected, the others delivered; and as a multiple of three says nothing about the next value, no series is set aside.
func TestForwarderRejectsWhatIsUnfit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		tries := 0
		r.sink.answer = func(v *View) (int, error) {
			var places []int
			at := 0
			for i := range v.Batches {
				for _, s := range v.Batches[i].Samples {
					if s.Bits%3 == 0 {
						places = append(places, at)
					}
					at++
				}
			}
			var then error
			if tries++; tries%2 == 0 { // a part is done when the connection goes
				at /= 2
				places = places[:slices.IndexFunc(append(places, at), func(p int) bool { return p >= at })]
				then = os.ErrDeadlineExceeded
			}
			if places == nil && then == nil {
				return at, nil
			}
			return at, &Unfit{Places: places, Err: fmt.Errorf("cannot write that"), Then: then}
		}
		r.start(ForwarderOptions{Batch: 10, Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
		const n = 100
		g := testGroup("d", 2)
		for i := range n {
			r.log.append(intBatch(g, i, 1))
			if i%7 == 0 {
				r.wait(2 * time.Second)
			}
		}
		r.wait(time.Minute)
		var bad []uint64
		for v := uint64(0); v < n; v += 3 {
			bad = append(bad, v)
		}
		if got := rejected(t, dir); !slices.Equal(got, bad) {
			t.Errorf("rejected %v", got)
		}
		s := r.f.Stats()
		if s.Rejected != uint64(len(bad)) || s.Delivered != n-uint64(len(bad)) || s.SetAside != 0 || r.log.acked() != n {
			t.Errorf("stats %+v, acknowledged %d", s, r.log.acked())
		}
		if !slices.Equal(r.sink.got, upTo(0, n)) { // the fake does not leave out what is unfit
			t.Errorf("sent %v", r.sink.got)
		}
		r.stop()
	})
}
