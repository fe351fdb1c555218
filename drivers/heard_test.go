package drivers

import (
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// TestHeardWholeAfterItWasSent has values be heard as they were read, those too that are not sent, and none before it was sent: what is
// computed of it must not be in the log before it.
func TestHeardWholeAfterItWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r *rig
		rounds := 0
		r = newRig(t, LaneOptions{Heard: func(b *mapping.Batch) {
			r.fence.Add(1)
			rounds++
			if len(b.Samples) != 2 {
				t.Errorf("%d samples are heard", len(b.Samples))
			}
			sent := 0
			for i := range r.sent {
				for _, s := range r.sent[i].samples {
					if s.Index == 0 && !r.sent[i].own {
						sent++
					}
				}
			}
			if sent != rounds {
				t.Errorf("%d values are sent when the one of round %d is heard", sent, rounds)
			}
		}})
		j := newJob(1, time.Second, 2)
		still := mapping.Rule{Report: mapping.ReportChange, Deadband: mapping.Deadband{Value: 1e9}}
		j.Filter = mapping.NewFilter(j.Group, []mapping.Rule{{}, still})
		r.run(j)
		r.pass(5 * time.Second)
		r.end()
		if n := len(r.qualities("u1", 1)); rounds < 4 || n != 1 {
			t.Errorf("%d rounds were heard, %d values of the second tag are sent", rounds, n)
		}
	})
}
