package journal

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestCrowdOnFiles is TestCrowd on files with limits so tight that everything happens at once: segments come and go,
// sinks fall behind the tail and behind the limits, catch up and begin again. What a sink got and what it was told it
// lost is together everything, and nothing comes out of order.
func TestCrowdOnFiles(t *testing.T) {
	const lanes, batches, tags = 4, 1500, 12
	const end = sinks.Pos(lanes * batches * tags)
	j := openOn(t, newMemFolder(), Options{Tail: 2 * chunkSize, MaxSize: 60_000, Sync: time.Millisecond})
	j.files.segmentSize = 8_000
	stop := runJournal(t, j)

	matches := []*sinks.Match{nil, match(t, "lane1/*"), match(t, "*/t3", "!lane2/*"), nil, nil}
	seen, lost := make([][]got, len(matches)), make([]uint64, len(matches))
	var reading, appending sync.WaitGroup
	var order sync.Mutex
	var all []got // in the order of the journal
	for k, m := range matches {
		s := straggler{t: t, j: j, q: sinks.Query{Sink: fmt.Sprint("s", k), Match: m, Max: 50 + 300*k, Flush: time.Millisecond}}
		s.p, _ = j.Start(s.q.Sink, "now")
		s.r, s.slow = rand.New(rand.NewPCG(uint64(k), 1)), k >= 2
		reading.Go(func() { s.follow(end); seen[k], lost[k] = s.seen, s.lost })
	}
	for i := range lanes {
		appending.Go(func() {
			g := countGroup(fmt.Sprint("lane", i), tags)
			for n := range batches {
				b := batchOf(g, n*tags)
				order.Lock()
				if err := j.Append(b); err != nil {
					t.Error(err)
				}
				all = collect(all, &sinks.View{Batches: []mapping.Batch{*b}})
				order.Unlock()
				if n%40 == 0 {
					pause(t.Context(), 5*time.Millisecond)
				}
			}
		})
	}
	appending.Wait()
	reading.Wait()
	stop()

	groups := make([]*mapping.Group, lanes)
	for i := range groups {
		groups[i] = countGroup(fmt.Sprint("lane", i), tags)
	}
	for k, m := range matches {
		want := chosen(all, m, groups)
		if len(seen[k])+int(lost[k]) != len(want) || !isPart(seen[k], want) {
			t.Errorf("sink s%d got %d samples and was told that it lost %d, of %d", k, len(seen[k]), lost[k], len(want))
		}
		t.Logf("sink s%d lost %d of %d", k, lost[k], len(want))
		if sum := droppedOf(t, j, fmt.Sprint("s", k)); sum != lost[k] {
			t.Errorf("sink s%d was told that it lost %d, counted are %d", k, lost[k], sum)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// straggler is a sink that stops now and then.
type straggler struct {
	t    *testing.T
	j    *Journal
	q    sinks.Query
	p    sinks.Pos
	r    *rand.Rand
	slow bool
	seen []got
	lost uint64
}

func (s *straggler) follow(end sinks.Pos) {
	var v sinks.View
	for s.p < end {
		next, err := s.j.Next(s.t.Context(), s.p, s.q, &v)
		if err != nil {
			s.t.Error(err)
			return
		}
		s.seen, s.lost, s.p = collect(s.seen, &v), s.lost+v.Lost, next
		if err := s.j.Ack(s.q.Sink, s.p, sinks.Dealt{}); err != nil {
			s.t.Error(err)
		}
		if s.slow && s.r.IntN(5) == 0 {
			pause(s.t.Context(), time.Duration(s.r.IntN(400))*time.Millisecond)
		}
	}
}
