package opcua

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// TestTimesOfAServerWithAnotherClock reads values that a server dates whose clock is not ours, before and after an
// outage: they carry our time.
func TestTimesOfAServerWithAnotherClock(t *testing.T) {
	for name, c := range map[string]struct {
		off    time.Duration
		remark string
	}{
		"right":           {0, ""},
		"15 s behind":     {-15 * time.Second, "the server's clock is 15s behind: its times are corrected by that"},
		"40 s ahead":      {40 * time.Second, "the server's clock is 40s ahead: its times are corrected by that"},
		"an hour behind":  {-time.Hour, "the server's clock is 1h0m0s behind: its times are corrected by that"},
		"an hour ahead":   {time.Hour, "the server's clock is 1h0m0s ahead: its times are corrected by that"},
		"14 years behind": {-14 * 365 * 24 * time.Hour, "the server's clock is 122640h0m0s behind: its times are corrected by that"},
		"1970":            {-time.Since(time.Unix(1_000_000, 0)).Round(time.Hour), ""},
	} {
		for mode, o := range map[string]PlanOptions{
			"poll": {Timestamps: SourceTime}, "server": {Timestamps: ServerTime}, "subscribe": {Timestamps: SourceTime, Subscribe: true},
		} {
			t.Run(name+" "+mode, func(t *testing.T) {
				s := newScript(t)
				s.now = func() time.Time { return time.Now().Add(c.off) }
				s.start()
				l := s.link(LinkOptions{})
				j := jobOf(numbered(1), o)
				var b mapping.Batch
				for range 2 {
					open(t, l)
					before := time.Now()
					if err := round1(t.Context(), l, j, &b); err != nil {
						t.Fatal(err)
					}
					at := time.Unix(0, b.Samples[0].Time)
					if d := at.Sub(before); b.Samples[0].Time != 0 && (d < -5*time.Second || d > 5*time.Second) {
						t.Errorf("dated %v from our time", d)
					}
				}
				p := j.Work.(*Plan)
				if got := strings.Join(p.Remarks(), "; "); c.remark != "" && got != c.remark || c.off == 0 && got != "" {
					t.Errorf("said of the clock: %q, want %q", got, c.remark)
				}
			})
		}
	}
}

// TestCorrectedTimesKeepTheirDistances dates changes by a clock that is an hour behind.
func TestCorrectedTimesKeepTheirDistances(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := clock{}
	c.take(timeValue(now.Add(-time.Hour+time.Millisecond)), now, now.Add(2*time.Millisecond))
	var s stamps
	s.init(1)
	var n notes
	first := s.of(0, now.Add(-time.Hour).UnixNano(), now.UnixNano(), &c, &n)
	// Looked at again, the clock seems to be a little elsewhere, which says nothing.
	c.take(timeValue(now.Add(time.Minute-time.Hour+30*time.Millisecond)), now.Add(time.Minute), now.Add(time.Minute+10*time.Millisecond))
	second := s.of(0, now.Add(time.Minute-time.Hour).UnixNano(), now.Add(time.Minute).UnixNano(), &c, &n)
	if second-first != int64(time.Minute) {
		t.Errorf("a minute became %v", time.Duration(second-first))
	}
	// It is set.
	c.take(timeValue(now.Add(2*time.Minute)), now.Add(2*time.Minute), now.Add(2*time.Minute+time.Millisecond))
	third := s.of(0, now.Add(2*time.Minute).UnixNano(), now.Add(2*time.Minute).UnixNano(), &c, &n)
	if third != now.Add(2*time.Minute).UnixNano() {
		t.Errorf("after it was set: %v off", time.Duration(third-now.Add(2*time.Minute).UnixNano()))
	}
	if n.wrongTimes != 0 {
		t.Errorf("%d times were found wrong", n.wrongTimes)
	}
}

// timeValue is a good value of a time.
func timeValue(at time.Time) *wire.DataValue {
	var v wire.DataValue
	wire.NewReader(wire.AppendTime([]byte{1, 13}, at)).DataValue(&v)
	return &v
}

// TestClockThatStandsStill costs no connection: the server answers.
func TestClockThatStandsStill(t *testing.T) {
	s := newScript(t)
	still := time.Now().Add(-time.Hour)
	s.now = func() time.Time { return still }
	s.start()
	l := s.link(LinkOptions{Watchdog: 100 * time.Millisecond})
	a := newArrivals()
	j := quickJob("press", PlanOptions{Subscribe: true, Timestamps: SourceTime, Period: 50 * time.Millisecond}, "ns=2;i=1")
	run(t, l, a, j)
	a.awaitValue(t, "press/ns=2;i=1", "1.0")
	reads := s.count(svcRead)
	a.await(t, "five looks at the clock", func() bool { return s.count(svcRead) > reads+5 })
	if n := s.connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestSilenceIsToldBeforeTheServerIsConnectedToAnew has a subscribed server fall silent and stay so.
func TestSilenceIsToldBeforeTheServerIsConnectedToAnew(t *testing.T) {
	s := newScript(t)
	silent := make(chan struct{})
	s.fault = func(q *request) verdict {
		select {
		case <-silent:
			return verdict{silent: q.service != svcMonitor}
		default:
			return verdict{}
		}
	}
	s.start()
	l := s.link(LinkOptions{Watchdog: 200 * time.Millisecond, Retries: 10})
	a := newArrivals()
	j := quickJob("press", PlanOptions{Subscribe: true, Period: 50 * time.Millisecond}, "ns=2;i=1")
	j.Period = time.Minute // nothing is to be read meanwhile
	run(t, l, a, j)
	a.awaitValue(t, "press/ns=2;i=1", "1.0")
	s.latest().push(1, map[uint32][]byte{0: doubleAt(2, time.Now())})
	a.awaitValue(t, "press/ns=2;i=1", "2.0")
	close(silent)
	a.await(t, "notice of the silence, before that of the connection", func() bool {
		return slices.Contains(a.all, "press/ns=2;i=1=BadTimeout") || slices.Contains(a.all, "press/ns=2;i=1=BadNotConnected")
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.all, "press/ns=2;i=1=BadNotConnected") && !slices.Contains(a.all, "press/ns=2;i=1=BadTimeout") {
		t.Errorf("told when it could not be connected to: %v", a.all)
	}
}

// TestServerThatTakesRequestsOneByOne is not late as long as each answer is in time.
func TestServerThatTakesRequestsOneByOne(t *testing.T) {
	s := newScript(t)
	s.fault = func(q *request) verdict {
		if q.service == svcRead && len(q.nodes) > 100 {
			return verdict{delay: 300 * time.Millisecond}
		}
		return verdict{}
	}
	s.start()
	l := s.link(LinkOptions{})
	l.o.Session.Timeout = time.Second
	open(t, l)
	if got := readOnce(t, l, jobOf(numbered(6000), PlanOptions{})); got["ns=2;i=6000"] != "6000.0" {
		t.Errorf("the last is %s", got["ns=2;i=6000"])
	}
}
