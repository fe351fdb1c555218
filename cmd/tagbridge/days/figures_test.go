package days

import (
	"fmt"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/gaps"
)

// stat is what journal stat says.
type stat struct {
	End   uint64
	Sinks []struct {
		Sink          string
		BehindSamples uint64 `json:"behind_samples"`
		Since         *time.Time
		Delivered     uint64
		Dropped       uint64
		Rejected      uint64
		Losses        []statLoss
	}
}

type statLoss struct {
	Reason      string
	Samples     uint64
	First, Last *time.Time
}

// checkFolder wants what the bridge said at its stop, what its folder says, and what gaps does to be the same.
func (p *plant) checkFolder(b *process) {
	p.t.Helper()
	var s stat
	var r gaps.Report
	p.verb(&s, []int{0}, "journal", "stat", "data", "--json")
	p.verb(&r, []int{0, 1}, "gaps", "plant.yaml", "--json")
	log := b.said()
	for _, k := range s.Sinks {
		line := fmt.Sprintf(`msg="samples are left for the next start" sink=%s behind=%d`, k.Sink, k.BehindSamples)
		if left := strings.Contains(log, "samples are left for the next start\" sink="+k.Sink+" "); left && !strings.Contains(log, line+"\n") || !left && k.BehindSamples > 0 {
			p.t.Errorf("the folder says that %d wait for %s, the log:\n%s", k.BehindSamples, k.Sink, tail(log))
		}
		for _, g := range r.Sinks {
			if g.Sink == k.Sink && (g.Waiting+g.OnTheWay != k.BehindSamples || g.Dropped != k.Dropped || g.Rejected != k.Rejected) {
				p.t.Errorf("gaps says %+v, the folder %+v", g, k)
			}
		}
	}
}

func tail(log string) string { return log[max(0, len(log)-3000):] }
