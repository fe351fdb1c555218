package cluster

import (
	"testing"
	"time"

	"tagbridge/testrig/natsd"
)

// TestTraffic has three members of 500 endpoints on three servers say little: 10 kB/s each, with what they hear.
func TestTraffic(t *testing.T) {
	p := newPlant(t, 500, natsd.New(t, ""), natsd.New(t, ""), natsd.New(t, ""))
	p.o.Takeover = 2 * time.Second
	list := []*pc{p.start("pc-a", nil), p.start("pc-b", nil), p.start("pc-c", nil)}
	p.shared("three share", list...)
	frame := uint64(len("MSG  1 100\r\n\r\n") + len("tagbridge.line_3-00000000.beat.0000000000000000"))
	bytes := func() (sum [3]uint64) {
		for i, m := range list {
			for _, c := range m.runner.carriers {
				if conn := c.Conn(); conn != nil {
					s := conn.Stats()
					sum[i] += s.InBytes + s.OutBytes + frame*(s.InMsgs+s.OutMsgs)
				}
			}
		}
		return sum
	}
	cpu, before, began := cpuTime(), bytes(), time.Now()
	span := 2 * time.Second * 5 // two times the lists
	timer := time.NewTimer(span)
	<-timer.C
	after, passed := bytes(), time.Since(began).Seconds()
	t.Logf("%.2f %% of a core for the three", float64(cpuTime()-cpu)/passed/1e7)
	for i := range list {
		rate := float64(after[i]-before[i]) / passed
		t.Logf("%s: %.0f bytes a second", list[i].name, rate)
		if rate > 10000 {
			t.Errorf("%s sends and is sent %.0f bytes a second", list[i].name, rate)
		}
	}
}
