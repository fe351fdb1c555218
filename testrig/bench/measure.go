package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"tagbridge/testrig/subject"
)

// options are those of a run.
type options struct {
	bin     string
	seconds time.Duration
	backlog time.Duration
	keep    bool
}

// figures is what was measured of one row.
type figures struct {
	CPU        float64       `json:"cpu_us_per_sample"`
	Core       float64       `json:"cores,omitempty"` // of processor time a second
	Peak       int64         `json:"peak_bytes"`
	P50        time.Duration `json:"p50"`
	P99        time.Duration `json:"p99"`
	Max        time.Duration `json:"max"`
	LateShare  float64       `json:"late_share"` // of polls more than 50 ms from their beat
	Missed     int           `json:"missed_polls"`
	Start      time.Duration `json:"start"`
	Journal    float64       `json:"journal_bytes_per_sample"`
	PerSample  float64       `json:"allocations_per_sample"`
	PerRequest float64       `json:"allocations_per_request"`
	Samples    int           `json:"samples"`
	Counted    float64       `json:"samples_by_bridge"` // of tagbridge_samples_total in the same time, about
	PerSecond  float64       `json:"drained_per_second"`
	Backlog    float64       `json:"backlog"`
	Dropped    float64       `json:"dropped"`
	OnDisk     int64         `json:"backlog_on_disk"`      // bytes
	SyncCost   float64       `json:"sync_cost,omitempty"`  // processor time with syncing to that without, less 1
	KeepCost   float64       `json:"keep_cost,omitempty"`  // likewise of keeping what is delivered
	KeepPeak   int64         `json:"keep_peak,omitempty"`  // bytes that keeping takes of memory
	Ratio      float64       `json:"ratio,omitempty"`      // processor time with what is measured to that without
	Carried    float64       `json:"carried,omitempty"`    // share of a line's time, silences apart, in which it had frames
	PlanError  float64       `json:"plan_error,omitempty"` // of the share that plan said to the measured one
	Reload     time.Duration `json:"reload,omitempty"`     // the slowest, from the signal
	Late       float64       `json:"late_polls,omitempty"` // left out
	Lost       int           `json:"lost,omitempty"`       // samples that were read and not stored
	Twice      int           `json:"twice,omitempty"`      // samples stored again
	Pages      *pagesCost    `json:"pages,omitempty"`
	Others     float64       `json:"others"` // share of the machine that had nothing to do with the measurement
}

// stage is everything of a measurement that runs.
type stage struct {
	dir      string
	sim      *role
	sink     *role
	proxy    *role
	bridge   *subject.Bridge
	profiles string // where the bridge serves its profiles
}

// raise sets up a plant, a sink behind a way that takes delay each direction, and the bridge between them.
func raise(o options, p plant, delay time.Duration) (s *stage, err error) {
	s = new(stage)
	if s.dir, err = os.MkdirTemp("", "tagbridge-bench-"); err != nil {
		return s, err
	}
	var addresses []string
	if addresses, err = s.simulate(p); err != nil {
		return s, err
	}
	var url string
	_, other := p.sink("")
	if s.sink, err = startRole(other, nil); err != nil {
		return s, err
	}
	if err := s.sink.ask(order{}, &url); err != nil {
		return s, err
	}
	if delay > 0 {
		if s.proxy, err = startRole("proxy", proxySetup{Target: url[len("http://"):], Delay: delay}); err != nil {
			return s, err
		}
		if err := s.proxy.ask(order{}, &url); err != nil {
			return s, err
		}
	}
	address, err := subject.FreeAddress()
	if err != nil {
		return s, err
	}
	config, err := p.write(s.dir, addresses, url, address)
	if err != nil {
		return s, err
	}
	if s.profiles, err = subject.FreeAddress(); err != nil {
		return s, err
	}
	s.bridge, err = subject.Start(o.bin, config, address, "--pprof", s.profiles)
	return s, err
}

func (s *stage) simulate(p plant) (addresses []string, err error) {
	if s.sim, err = startRole("sim", p); err != nil {
		return nil, err
	}
	return addresses, s.sim.ask(order{}, &addresses)
}

func (s *stage) lower(keep bool) {
	s.bridge.Stop()
	s.proxy.stop()
	s.sink.stop()
	s.sim.stop()
	if keep {
		fmt.Fprintln(os.Stderr, "kept:", s.dir)
		return
	}
	os.RemoveAll(s.dir)
}

// report is what the PLCs saw between two times.
func (s *stage) report(from, to time.Time) (r simReport, err error) {
	return r, s.sim.ask(order{Do: "report", From: from.UnixNano(), To: to.UnixNano()}, &r)
}

// awaitAllPolled returns when every device was polled once, and how long after the start of the bridge that was.
func (s *stage) awaitAllPolled(started time.Time) (time.Duration, error) {
	for range 120 {
		r, err := s.report(time.Time{}, time.Time{})
		if err != nil {
			return 0, err
		}
		if r.AllPolled > 0 {
			return time.Unix(0, r.AllPolled).Sub(started), nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return 0, errors.New("not all devices were polled within a minute")
}

// measurePolls counts what a steady plant costs.
func measurePolls(o options, p plant) (f figures, err error) {
	p.Keep = p.requests(o.seconds + 40*time.Second)
	s, err := raise(o, p, 0)
	defer func() { s.lower(o.keep) }()
	if err != nil {
		return f, err
	}
	if f.Start, err = s.awaitAllPolled(s.bridge.Started); err != nil {
		return f, err
	}
	time.Sleep(5 * time.Second)
	before, err := s.bridge.Metrics()
	if err != nil {
		return f, err
	}
	time.Sleep(500 * time.Millisecond)
	pid := s.bridge.PID()
	journal, from := s.bridge.JournalSize(), time.Now()
	cpu, all, err := s.processorTime(pid)
	if err != nil {
		return f, err
	}
	time.Sleep(o.seconds)
	cpuAfter, allAfter, err := s.processorTime(pid)
	if err != nil {
		return f, err
	}
	to := time.Now()
	f.Others = max(0, allAfter-all) / to.Sub(from).Seconds() / float64(runtime.NumCPU())
	r, err := s.report(from, to)
	if err != nil {
		return f, err
	}
	f.Samples = r.Polls * p.Tags
	f.CPU = (cpuAfter - cpu) * 1e6 / float64(max(f.Samples, 1))
	f.P50, f.P99, f.Max, f.Missed = r.P50, r.P99, r.Max, r.Missed
	f.LateShare = float64(r.Late) / float64(max(r.Polls, 1))
	f.Journal = float64(s.bridge.JournalSize()-journal) / float64(max(f.Samples, 1))
	if f.Peak, err = subject.PeakMemory(pid); err != nil {
		return f, err
	}
	after, err := s.bridge.Metrics()
	if err != nil {
		return f, err
	}
	f.Counted = after["tagbridge_samples_total"] - before["tagbridge_samples_total"]
	if err := s.checkDelivered(p); err != nil {
		return f, err
	}
	return f, s.allocations(&f, p)
}

// checkDelivered makes sure that the figures are those of a bridge that delivers.
func (s *stage) checkDelivered(p plant) error {
	st, err := s.sinkState()
	if err != nil {
		return err
	}
	if live := float64(p.Devices*p.Tags) / p.Period.Seconds(); st.Delivered == 0 || st.Dropped+st.Rejected > 0 || st.Behind > 3*live {
		return fmt.Errorf("the sink was not delivered what was read: %+v", st)
	}
	return nil
}

// processorTime is that of pid, and that of everything on the machine but the processes of the measurement.
func (s *stage) processorTime(pid int) (own, others float64, err error) {
	if own, err = subject.CPUTime(pid); err != nil {
		return 0, 0, err
	}
	if others, err = subject.BusyTime(); err != nil {
		return 0, 0, err
	}
	others -= own
	for _, r := range []*role{s.sim, s.sink, s.proxy} {
		if r == nil {
			continue
		}
		t, err := subject.CPUTime(r.cmd.Process.Pid)
		if err != nil {
			return 0, 0, err
		}
		others -= t
	}
	return own, others, nil
}

// allocations counts them, those of the whole process. Asking allocates too: once in a second and once in six, and
// what the longer time has more is that of five seconds alone.
func (s *stage) allocations(f *figures, p plant) error {
	var count [3]float64
	var at [3]time.Time
	for i, wait := range []time.Duration{0, time.Second, 6 * time.Second} {
		time.Sleep(wait)
		n, err := s.bridge.Mallocs(s.profiles)
		if err != nil {
			return err
		}
		count[i], at[i] = n, time.Now()
	}
	short, err := s.report(at[0], at[1])
	if err != nil {
		return err
	}
	long, err := s.report(at[1], at[2])
	if err != nil {
		return err
	}
	n := max(0, count[2]-count[1]-(count[1]-count[0]))
	f.PerSample = n / float64(max(1, (long.Polls-short.Polls)*p.Tags))
	f.PerRequest = n / float64(max(1, long.Requests-short.Requests))
	return nil
}

// requests is how many requests a device sees at most in a time.
func (p plant) requests(d time.Duration) int {
	perPoll := p.Tags*3/2/100 + 2
	return perPoll * (int(d/p.Period) + 10)
}
