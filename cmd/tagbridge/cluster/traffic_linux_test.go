package cluster

import (
	"testing"
	"time"

	"tagbridge/testrig/natsd"
)

// BenchmarkTraffic is what three members of 500 endpoints on three servers say and hear, and need, while nothing changes and claims are kept.
func BenchmarkTraffic(b *testing.B) {
	p := newPlant(b, 500, natsd.Cluster(b, 3)...)
	p.o.Takeover = 2 * time.Second
	list := []*pc{p.start("pc-a", nil), p.start("pc-b", nil), p.start("pc-c", nil)}
	p.shared("three share", list...)
	await(b, "claims are kept", func() bool { return p.epochs(list...) != nil })
	frame := uint64(len("MSG  1 100\r\n\r\n") + len("tagbridge.line_3-00000000.beat.0000000000000000"))
	bytes := func() (sum [3]uint64) {
		for i, m := range list {
			for _, c := range m.runner.carriers {
				if conn := c.Conn(); conn != nil {
					s := conn.Stats()
					sum[i] += s.InBytes + s.OutBytes + frame*(s.InMsgs+s.OutMsgs)
				}
			}
			if l := m.Store().Current(); l != nil {
				s := l.Conn().Stats()
				sum[i] += s.InBytes + s.OutBytes + frame*(s.InMsgs+s.OutMsgs)
			}
		}
		return sum
	}
	cpu, before, began := cpuTime(), bytes(), time.Now()
	for range b.N {
		<-time.After(10 * time.Second) // two times the lists
	}
	after, passed := bytes(), time.Since(began).Seconds()
	b.ReportMetric(float64(cpuTime()-cpu)/passed/1e7/3, "%core/member")
	most := 0.0
	for i := range list {
		most = max(most, float64(after[i]-before[i])/passed)
	}
	b.ReportMetric(most, "B/s/member")
}
