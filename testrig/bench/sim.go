package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"time"

	"tagbridge/testrig/plc"
)

// simReport is what the PLCs saw from one time to another.
type simReport struct {
	Polls     int           `json:"polls"` // of devices that answer
	Requests  int           `json:"requests"`
	Missed    int           `json:"missed"`
	P50       time.Duration `json:"p50"`
	P99       time.Duration `json:"p99"`
	Max       time.Duration `json:"max"`
	Late      int           `json:"late"`       // polls more than 50 ms from the beat
	AllPolled int64         `json:"all_polled"` // when the last device had its first whole poll; 0: not yet
}

// runSim serves a plant and reports what it saw.
func runSim(setup string) error {
	var p plant
	if err := json.Unmarshal([]byte(setup), &p); err != nil {
		return err
	}
	tags := p.tags()
	units := make([]*plc.Unit, p.Devices)
	for i := range units {
		units[i] = plc.NewUnit(plc.UnitOptions{
			Tags: tags, Seed: uint64(i), Noisy: true, AllDigits: p.AllDigits, Log: p.Keep, Every: p.Period / 4,
		})
		if i < p.Dead {
			units[i].Inject(plc.Fault{Kind: plc.Silence})
		}
	}
	servers, err := listen(p, units)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	addresses := make([]string, len(servers))
	for i, s := range servers {
		addresses[i] = s.Addr()
		wg.Go(func() { s.Serve(ctx) })
	}
	if err := json.NewEncoder(os.Stdout).Encode(addresses); err != nil {
		return err
	}
	return serveOrders(func(o order) any {
		if o.Do == "polls" {
			return pollTimes(units, o.From, o.To)
		}
		return report(p, units[o.Skip:], o.From, o.To)
	})
}

func listen(p plant, units []*plc.Unit) ([]*plc.Server, error) {
	var groups []map[int]*plc.Unit
	if p.Shared {
		groups = []map[int]*plc.Unit{{}}
	}
	for i, u := range units {
		if p.Shared {
			groups[0][i+1] = u
		} else {
			groups = append(groups, map[int]*plc.Unit{1: u})
		}
	}
	var out []*plc.Server
	for _, g := range groups {
		s, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{Units: g})
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// report goes through the requests between two times.
func report(p plant, units []*plc.Unit, from, to int64) simReport {
	var r simReport
	var all []time.Duration
	pending := false
	for _, u := range units[p.Dead:] {
		requests := u.Requests()
		done := firstPoll(requests)
		pending = pending || done == 0
		r.AllPolled = max(r.AllPolled, done)
		var polls []int64
		for _, q := range requests {
			t := q.Time.UnixNano()
			if t < from || t >= to {
				continue
			}
			r.Requests++
			if begins(requests, q) {
				polls = append(polls, t)
			}
		}
		b := beatOf(polls, p.Period)
		r.Polls += len(polls)
		r.Missed += b.missed
		all = append(all, b.deviations...)
	}
	if pending {
		r.AllPolled = 0
	}
	slices.Sort(all)
	r.P50, r.P99, r.Max = quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1)
	for _, d := range all {
		if d > 50*time.Millisecond {
			r.Late++
		}
	}
	return r
}

// pollTimes is when the polls of each unit between two times began.
func pollTimes(units []*plc.Unit, from, to int64) [][]int64 {
	out := make([][]int64, len(units))
	for i, u := range units {
		requests := u.Requests()
		for _, q := range requests {
			if t := q.Time.UnixNano(); t >= from && t < to && begins(requests, q) {
				out[i] = append(out[i], t)
			}
		}
	}
	return out
}

// begins reports the first request of a poll: the same as the first of all.
func begins(requests []plc.Request, q plc.Request) bool {
	return q.First == requests[0].First && q.Function == requests[0].Function
}

// firstPoll is when the last request of the first poll came, known once the second poll has begun; else 0.
func firstPoll(requests []plc.Request) int64 {
	for i := 1; i < len(requests); i++ {
		if begins(requests, requests[i]) {
			return requests[i-1].Time.UnixNano()
		}
	}
	return 0
}
