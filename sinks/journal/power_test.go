package journal

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// plant plays lanes and sinks on a journal in a folder that is killed and loses power, and knows what must be there.
type plant struct {
	t      testing.TB
	r      *rand.Rand
	d      *memFolder
	j      *Journal
	value  int                 // of the next sample
	truth  map[sinks.Pos]int64 // what was appended
	doubt  map[sinks.Pos]bool  // of that what was not synced when the power went: it may be there or not
	acked  map[string]sinks.Pos
	at     map[string]sinks.Pos
	floor  map[string]sinks.Pos // where a sink must at least be after the next open
	lost   map[string]int       // positions a sink was told are lost
	groups []*mapping.Group
}

func newPlant(t testing.TB, seed uint64) *plant {
	return &plant{
		t: t, r: rand.New(rand.NewPCG(seed, 1)), d: newMemFolder(),
		truth: make(map[sinks.Pos]int64), doubt: make(map[sinks.Pos]bool),
		acked: make(map[string]sinks.Pos), at: make(map[string]sinks.Pos), lost: make(map[string]int),
		floor:  make(map[string]sinks.Pos),
		groups: []*mapping.Group{countGroup("a", 3), countGroup("b", 40), countGroup("c", 1)},
	}
}

// open opens the journal and checks what the sinks find: everything before safe, in order and as it was.
func (p *plant) open(safe sinks.Pos) {
	p.t.Helper()
	p.j = openOn(p.t, p.d, Options{})
	p.j.files.segmentSize = 1500
	least := p.j.End()
	for _, sink := range []string{"keen", "lazy"} {
		at, fresh := p.j.Start(sink, "start")
		if was := p.acked[sink]; at > was && (!fresh || was < safe && !p.gone(was, at)) { // its first place was not synced, nor the samples
			p.t.Fatalf("sink %s begins at %d, it has acknowledged %d", sink, at, was)
		}
		if at < p.floor[sink] {
			p.t.Fatalf("sink %s begins at %d, its place at %d was safe", sink, at, p.floor[sink])
		}
		p.at[sink], p.acked[sink] = at, at
		least = min(least, at)
	}
	there := p.probe()
	for pos := range p.truth {
		switch {
		case pos >= p.j.End():
			delete(p.truth, pos)
			delete(p.doubt, pos)
		case pos >= safe:
			p.doubt[pos] = true
		case pos >= least && !there[pos] && !p.doubt[pos]:
			p.t.Fatalf("position %d was synced and is not there", pos)
		}
	}
}

// gone reports that none of the positions from to to is certain to be there: what its book says is lost a sink passes over.
func (p *plant) gone(from, to sinks.Pos) bool {
	for pos := from; pos < to; pos++ {
		if _, ok := p.truth[pos]; ok && !p.doubt[pos] {
			return false
		}
	}
	return true
}

// probe is the positions that a new sink finds.
func (p *plant) probe() map[sinks.Pos]bool {
	p.t.Helper()
	there := make(map[sinks.Pos]bool)
	at, _ := p.j.Start("probe", "start")
	var v sinks.View
	for at < p.j.End() {
		at = p.next("probe", at, &v, func(pos sinks.Pos) { there[pos] = true })
	}
	p.j.Leave("probe")
	delete(p.j.cursors, "probe")
	p.d.Remove("probe.cursor")
	return there
}

// next reads once and checks each sample against the truth.
func (p *plant) next(sink string, at sinks.Pos, v *sinks.View, each func(sinks.Pos)) sinks.Pos {
	p.t.Helper()
	next, err := p.j.Next(p.t.Context(), at, sinks.Query{Sink: sink, Max: 1 + p.r.IntN(100)}, v)
	if err != nil {
		p.t.Fatal(err)
	}
	if uint64(next-at) != uint64(v.Len())+v.Lost {
		p.t.Fatalf("sink %s: from %d to %d there are %d samples and %d lost", sink, at, next, v.Len(), v.Lost)
	}
	pos := at + sinks.Pos(v.Lost)
	for i := range v.Batches {
		for _, s := range v.Batches[i].Samples {
			if want, ok := p.truth[pos]; !ok || want != int64(s.Bits) {
				p.t.Fatalf("sink %s: at %d is %d, want %d (%v)", sink, pos, s.Bits, want, ok)
			}
			each(pos)
			pos++
		}
	}
	p.lost[sink] += int(v.Lost)
	return next
}

// stop is a kill, or a loss of power. It returns what position everything before must be there again.
func (p *plant) stop(kill bool) (safe sinks.Pos) {
	safe = p.j.files.synced
	for _, sink := range []string{"keen", "lazy"} {
		p.floor[sink] = p.j.cursors[sink].safe()
	}
	if kill {
		safe, p.floor = p.j.files.written, maps.Clone(p.acked)
		p.d = p.d.kill()
	} else {
		p.d = p.d.cut(p.r)
	}
	return safe
}

// step does something.
func (p *plant) step() {
	p.t.Helper()
	switch n := p.r.IntN(20); {
	case n < 8:
		p.append()
	case n < 11:
		disk{p.j}.flush()
	case n < 13:
		disk{p.j}.sync()
	case n < 14:
		tidier{p.j}.retain(p.t.Context())
	case n < 17:
		p.deliver("keen")
	case n < 18:
		p.deliver("lazy")
	}
}

// append is a poll of one of the groups.
func (p *plant) append() {
	p.t.Helper()
	g := p.groups[p.r.IntN(len(p.groups))]
	for i := range g.Series {
		p.truth[p.j.tail.end+sinks.Pos(i)] = int64(p.value + i)
	}
	appendCount(p.t, p.j, g, p.value)
	p.value += len(g.Series)
}

// deliver gives a sink what comes next, and acknowledges it, or not.
func (p *plant) deliver(sink string) {
	p.t.Helper()
	var v sinks.View
	from := p.at[sink]
	next := p.next(sink, from, &v, func(sinks.Pos) {})
	for pos := from; pos < from+sinks.Pos(v.Lost); pos++ {
		if _, ok := p.truth[pos]; ok && !p.doubt[pos] {
			p.t.Fatalf("sink %s: position %d is not lost", sink, pos)
		}
	}
	p.at[sink] = next
	if p.r.IntN(4) > 0 {
		if err := p.j.Ack(sink, next, sinks.Dealt{}); err != nil && p.d.fail == nil {
			p.t.Fatal(err)
		}
		p.acked[sink] = next
	}
}

func TestPowerLoss(t *testing.T) {
	seeds := uint64(400)
	if testing.Short() {
		seeds = 200
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := newPlant(t, seed)
			p.open(0)
			for range 5 {
				for range p.r.IntN(120) {
					p.step()
				}
				p.open(p.stop(p.r.IntN(3) == 0))
			}
		})
	}
}
