package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/testrig/subject"
)

// betweenEdits is the time from one edited map to the next.
const betweenEdits = 2 * time.Second

// reloadRows are the works that concern changes of a running bridge.
func reloadRows(p plant) []row {
	p.MapEach = true
	return []row{{"reload", "500 devices × 500 tags at 1 s, a map edited every 2 s",
		func(o options) (figures, error) { return measureReload(o, p) }, []target{
			{"SIGHUP to applied, slowest", 1, false, "s", func(f figures) float64 { return f.Reload.Seconds() }},
			readTime(10),
			{"late polls", 0, false, "", func(f figures) float64 { return f.Late }},
			{"values read and not stored", 0, false, "", func(f figures) float64 { return float64(f.Lost) }},
			{"values stored twice", 0, false, "", func(f figures) float64 { return float64(f.Twice) }},
		}}}
}

// measureReload edits the map of one device after the other and counts what that costs the devices that stay as they are.
func measureReload(o options, p plant) (f figures, err error) {
	p.Keep = p.requests(o.seconds + 40*time.Second)
	s, err := raise(o, p, 0)
	defer func() { s.lower(o.keep) }()
	if err != nil {
		return f, err
	}
	if f.Start, err = s.awaitAllPolled(s.bridge.Started); err != nil {
		return f, err
	}
	time.Sleep(3 * time.Second)
	before, err := s.bridge.Metrics()
	if err != nil {
		return f, err
	}
	from, edits := time.Now(), 0
	for next := from; next.Before(from.Add(o.seconds)); next = next.Add(betweenEdits) {
		time.Sleep(time.Until(next))
		took, err := s.edit(p, edits)
		if err != nil {
			return f, err
		}
		f.Reload = max(f.Reload, took)
		edits++
	}
	time.Sleep(betweenEdits)
	to := time.Now()
	if err := s.checkDelivered(p); err != nil {
		return f, err
	}
	after, err := s.bridge.Metrics()
	if err != nil {
		return f, err
	}
	f.Late = after["tagbridge_polls_late_total"] - before["tagbridge_polls_late_total"]
	if f.Peak, err = subject.PeakMemory(s.bridge.PID()); err != nil {
		return f, err
	}
	return f, s.account(&f, p, span{from, to, edits})
}

// edit changes the scale of a tag of device i and returns how long after the signal that was applied.
func (s *stage) edit(p plant, i int) (time.Duration, error) {
	text := strings.Replace(p.csv(i), ",0.01,", ",0.02,", 1)
	if err := os.WriteFile(filepath.Join(s.dir, p.mapName(i)), []byte(text), 0o600); err != nil {
		return 0, err
	}
	before, _, err := s.bridge.Reloads()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := s.bridge.Hangup(); err != nil {
		return 0, err
	}
	for time.Since(began) < 10*time.Second {
		applied, problems, err := s.bridge.Reloads()
		took := time.Since(began)
		switch {
		case err != nil:
			return 0, err
		case len(problems) > 0:
			return 0, fmt.Errorf("reload refused: %s", problems[0])
		case applied > before:
			return took, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return 0, errors.New("reload not applied within 10 s")
}

// span is a time in which the maps of the first devices were edited.
type span struct {
	from, to time.Time
	edited   int
}

// account compares, for each device that was not edited, the polls that its PLC saw with the values that were stored.
// It stops the bridge, which delivers what it has read.
func (s *stage) account(f *figures, p plant, w span) error {
	var r simReport
	o := order{Do: "report", From: w.from.UnixNano(), To: w.to.UnixNano(), Skip: w.edited}
	if err := s.sim.ask(o, &r); err != nil {
		return err
	}
	f.P50, f.P99, f.Max, f.Missed = r.P50, r.P99, r.Max, r.Missed
	var polls [][]int64
	o.Do = "polls"
	if err := s.sim.ask(o, &polls); err != nil {
		return err
	}
	time.Sleep(2 * p.Period) // for the last of them to be delivered
	if err := s.bridge.Stop(); err != nil {
		return err
	}
	var stored map[string]map[int64]int
	if err := s.sink.ask(order{Do: "report"}, &stored); err != nil {
		return err
	}
	for i := w.edited; i < p.Devices; i++ {
		f.Samples += len(polls[i]) * p.Tags
		lost, twice := compare(polls[i], stored[fmt.Sprintf("d%04d", i)], p)
		f.Lost, f.Twice = f.Lost+lost, f.Twice+twice
	}
	return nil
}

// compare says how many values of polls that began at times are not among stored, and how many are there too many. What
// is stored within half a period of a poll belongs to it.
func compare(times []int64, stored map[int64]int, p plant) (lost, twice int) {
	half := int64(p.Period / 2)
	for _, t := range times {
		n := 0
		for at, count := range stored {
			if at >= t-half && at < t+half {
				n += count
			}
		}
		lost, twice = lost+max(0, p.Tags-n), twice+max(0, n-p.Tags)
	}
	return lost, twice
}
