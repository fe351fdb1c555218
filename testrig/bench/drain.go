package main

import (
	"errors"
	"time"

	"tagbridge/testrig/subject"
)

// measureDrain lets a backlog grow while the sink is out of order, and counts how fast it goes when the sink is back,
// live values still coming.
func measureDrain(o options, p plant, delay time.Duration) (f figures, err error) {
	p.Keep = p.requests(o.backlog + 2*time.Minute)
	s, err := raise(o, p, delay)
	defer func() { s.lower(o.keep) }()
	if err != nil {
		return f, err
	}
	if f.Start, err = s.awaitAllPolled(s.bridge.Started); err != nil {
		return f, err
	}
	time.Sleep(3 * time.Second)
	var r sinkReport
	if err := s.sink.ask(order{Do: "down"}, &r); err != nil {
		return f, err
	}
	time.Sleep(o.backlog)
	before, err := s.sinkState()
	if err != nil {
		return f, err
	}
	f.OnDisk = s.bridge.JournalSize()
	up := time.Now()
	if err := s.sink.ask(order{Do: "up"}, &r); err != nil {
		return f, err
	}
	after, end, err := s.awaitDrained(p)
	if err != nil {
		return f, err
	}
	if err := s.sink.ask(order{Do: "count"}, &r); err != nil {
		return f, err
	}
	f.Backlog, f.Dropped = before.Behind, after.Dropped
	if rest := time.Until(up.Add(10 * time.Second)); rest > 0 {
		time.Sleep(rest) // a fast drain is shorter than what its read times can be judged by
	}
	f.PerSecond = (after.Delivered - before.Delivered) / end.Sub(time.Unix(0, r.ThawedAt)).Seconds()
	seen, err := s.report(up, time.Now())
	if err != nil {
		return f, err
	}
	f.Samples, f.P50, f.P99, f.Max, f.Missed = seen.Polls*p.Tags, seen.P50, seen.P99, seen.Max, seen.Missed
	f.Peak, err = subject.PeakMemory(s.bridge.PID())
	return f, err
}

// awaitDrained returns once no more is behind than what two seconds of the plant bring.
func (s *stage) awaitDrained(p plant) (subject.Sink, time.Time, error) {
	live := 2 * float64(p.Devices*p.Tags) / p.Period.Seconds()
	for range 12000 {
		st, err := s.sinkState()
		if err != nil {
			return st, time.Time{}, err
		}
		if st.Behind < live {
			return st, time.Now(), nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return subject.Sink{}, time.Time{}, errors.New("the backlog was not drained within two minutes")
}

// sinkState is the state of the only sink.
func (s *stage) sinkState() (subject.Sink, error) {
	list, err := s.bridge.Sinks()
	if err != nil {
		return subject.Sink{}, err
	}
	return list[0], nil
}
