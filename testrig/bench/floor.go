package main

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"tagbridge/testrig/subject"
)

// floorSetup is what the bare loop reads.
type floorSetup struct {
	Plant     plant    `json:"plant"`
	Addresses []string `json:"addresses"`
}

// runFloor reads a plant in the same blocks and at the same beat as a bridge would, and throws the answers away:
// what the requests cost at least.
func runFloor(setup string) error {
	var f floorSetup
	if err := json.Unmarshal([]byte(setup), &f); err != nil {
		return err
	}
	start := time.Now().Truncate(time.Second).Add(time.Second)
	var wg sync.WaitGroup
	defer wg.Wait() // the loops end with their connections
	for i, address := range f.Addresses {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		defer c.Close()
		grid := min(100*time.Millisecond, f.Plant.Period/2)
		phase := time.Duration(i%int(f.Plant.Period/grid)) * grid
		wg.Go(func() { pace(c, start.Add(phase), f.Plant) })
	}
	if err := json.NewEncoder(os.Stdout).Encode("polling"); err != nil {
		return err
	}
	return serveOrders(func(order) any { return nil })
}

// pace polls one device for ever.
func pace(c net.Conn, due time.Time, p plant) {
	words := p.Tags/2*2 + (p.Tags - p.Tags/2)
	answer := make([]byte, 260)
	for n := uint16(0); ; due = due.Add(p.Period) {
		time.Sleep(time.Until(due))
		for first := 0; first < words; first += 124 {
			n++
			count := min(124, words-first)
			ask := [12]byte{5: 6, 6: 1, 7: 3}
			binary.BigEndian.PutUint16(ask[0:], n)
			binary.BigEndian.PutUint16(ask[8:], uint16(first))
			binary.BigEndian.PutUint16(ask[10:], uint16(count))
			if _, err := c.Write(ask[:]); err != nil {
				return
			}
			if _, err := io.ReadFull(c, answer[:9+2*count]); err != nil {
				return
			}
		}
	}
}

// measureFloor counts what the bare loop costs.
func measureFloor(o options, p plant) (f figures, err error) {
	p.Keep = p.requests(o.seconds + 20*time.Second)
	var s stage
	defer s.lower(false)
	addresses, err := s.simulate(p)
	if err != nil {
		return f, err
	}
	loop, err := startRole("floor", floorSetup{p, addresses})
	if err != nil {
		return f, err
	}
	defer loop.stop()
	var ready string
	if err := loop.ask(order{}, &ready); err != nil {
		return f, err
	}
	time.Sleep(4 * time.Second)
	from := time.Now()
	cpu, all, err := s.processorTime(loop.cmd.Process.Pid)
	if err != nil {
		return f, err
	}
	time.Sleep(o.seconds)
	cpuAfter, allAfter, err := s.processorTime(loop.cmd.Process.Pid)
	if err != nil {
		return f, err
	}
	r, err := s.report(from, time.Now())
	if err != nil {
		return f, err
	}
	f.Others = max(0, allAfter-all) / time.Since(from).Seconds() / float64(runtime.NumCPU())
	f.Samples = r.Polls * p.Tags
	f.CPU = (cpuAfter - cpu) * 1e6 / float64(max(f.Samples, 1))
	f.P50, f.P99, f.Max, f.Missed = r.P50, r.P99, r.Max, r.Missed
	f.Peak, err = subject.PeakMemory(loop.cmd.Process.Pid)
	return f, err
}
