package modbus

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// span are tags of one register each, from first on.
func span(first, n int) []*mapping.Tag {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = first + i
	}
	return words(numbers...)
}

// longer reports requests for more registers than that, whatever they are.
func longer(most uint16) func(request) bool { return func(r request) bool { return r.count > most } }

// touching reports requests that reach over one of the registers.
func touching(registers ...int) func(request) bool {
	touch := illegal(IllegalDataAddress, registers...)
	return func(r request) bool { return touch(r) != 0 }
}

// A device is silent, or answers something that cannot be right, or hangs up, when certain requests are made. All that
// can be read is found and read at every poll from then on, and nothing is spoilt meanwhile at other units. Time is
// false: each request that goes wrong takes a timeout.
func TestWhatIsNotAnsweredIsHalved(t *testing.T) {
	for _, test := range []struct {
		name   string
		tags   []*mapping.Tag
		limits Limits
		odd    func(request) bool
		bad    []int // indices
		most   int   // timeouts until all is found
		learns int
		says   string
	}{
		{"one register of 60", span(0, 60), Limits{}, touching(37), []int{37}, 8, 0, "holding 37"},
		{"the first", span(0, 60), Limits{}, touching(0), []int{0}, 8, 0, "holding 0"},
		{"two neighbours", span(0, 60), Limits{}, touching(30, 31), []int{30, 31}, 18, 0, "holding 31"},
		{"more than 80 registers", span(0, 112), Limits{}, longer(80), nil, 3, 1, "max_registers: 56"},
		{"more than 30 registers", span(0, 300), Limits{}, longer(30), nil, 30, 8, "max_registers: 16"},
		{"a hole read through", words(0, 1, 5, 6), Limits{MaxGap: 16}, touching(3), nil, 4, 1, "max_gap: 2"},
		{"a register beside other requests", append(span(0, 8), span(100, 8)...), Limits{}, touching(103), []int{11}, 7, 0, "holding 103"},
		{"a single tag that is silent, and one that is not", words(0, 100), Limits{}, touching(0), []int{0}, 3, 0, "holding 0"},
	} {
		for _, how := range []string{"silent", "wrong", "hangs up"} {
			t.Run(test.name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newOdd(t, how, test.odd, odd{tags: test.tags, limits: test.limits})
					d.run()
					d.pass(time.Duration(test.most)*d.pause() + 5*time.Second)
					d.sent = nil
					d.pass(40 * time.Second)
					for i := range test.tags {
						q := d.of(1, i)
						isBad := slices.Contains(test.bad, i)
						if !isBad && (len(q) < 35 || slices.ContainsFunc(q, mapping.Quality.IsBad)) || isBad && slices.Contains(q, mapping.Good) {
							t.Fatalf("tag %d: bad is %v, qualities %v\n%s\nlast asked %v", i, isBad, q, d.logs, d.t.asked[max(0, len(d.t.asked)-12):])
						}
					}
					d.wantNeighbour()
					if how == "hangs up" && d.storm() > 4+test.learns/2 {
						t.Errorf("connections at %v, want the first and 3 in 10 s at most", d.t.opens)
					}
					if got := d.plan.Learned(); len(got) < test.learns || test.learns == 0 && len(got) > 0 {
						t.Errorf("learned %+v, want %d cuts", got, test.learns)
					}
					if !strings.Contains(d.logs.String(), test.says) || strings.Contains(d.logs.String(), `offline" endpoint="" device=odd`) {
						t.Errorf("want %q in the log, and nobody offline:\n%s", test.says, d.logs)
					}
				})
			})
		}
	}
}

// Where other units wait, one tag of a few is found within seconds, and many cost no more than a share of the time.
func TestSearchBesideOthersIsQuickAtFirst(t *testing.T) {
	for _, how := range []string{"silent", "wrong"} {
		synctest.Test(t, func(t *testing.T) {
			d := newOdd(t, how, touching(20), odd{tags: words(10, 20, 30), limits: Limits{MaxGap: 16}})
			d.run()
			d.pass(8 * time.Second)
			d.sent = nil
			d.pass(10 * time.Second)
			for _, i := range []int{0, 2} {
				if q := d.of(1, i); len(q) < 9 || slices.ContainsFunc(q, mapping.Quality.IsBad) {
					t.Errorf("%s: tag %d: %v, want it read at every poll", how, i, q)
				}
			}
			d.wantNeighbour()
		})
		synctest.Test(t, func(t *testing.T) {
			bad := func(r request) bool { return r.address%2 == 1 || r.count > 1 }
			d := newOdd(t, how, bad, odd{tags: span(0, 40)})
			d.run()
			d.pass(5 * time.Minute)
			failed := 0
			for _, r := range d.t.asked {
				if r.unit == 1 && bad(r) {
					failed++
				}
			}
			if most := 3 + searchCredit + int(5*time.Minute/(silentCost*oddTimeout)); failed > most {
				t.Errorf("%s: %d requests took a timeout in five minutes, want %d at most", how, failed, most)
			}
			d.wantNeighbour()
		})
	}
}

// What is silent is told from a dead unit by asking something small, also when there is one request alone; and back at
// once when it answers.
func TestOnlyRequestOfAUnitIsHalved(t *testing.T) {
	for _, how := range []string{"silent", "wrong", "hangs up"} {
		synctest.Test(t, func(t *testing.T) {
			d := newOdd(t, how, touching(50), odd{tags: words(10, 50, 60), limits: Limits{MaxGap: 60}, alone: true})
			d.run()
			d.pass(8*d.pause() + 5*time.Second)
			d.sent = nil
			d.pass(20 * time.Second)
			for _, i := range []int{0, 2} {
				if q := d.of(1, i); len(q) < 15 || slices.ContainsFunc(q, mapping.Quality.IsBad) {
					t.Errorf("%s: tag %d: %v, want it read at every poll", how, i, q)
				}
			}
			d.t.odd = nil
			d.pass(3 * time.Minute)
			if q := d.of(1, 1); !slices.Contains(q, mapping.Good) {
				t.Errorf("%s: the tag does not return: %v", how, q)
			}
		})
	}
}

// A unit that dies whole is offline, not halved, and back after a probe.
func TestDeadUnitIsNotHalved(t *testing.T) {
	for _, how := range []string{"silent", "wrong", "hangs up"} {
		synctest.Test(t, func(t *testing.T) {
			d := newOdd(t, how, nil, odd{tags: span(0, 60)})
			d.run()
			d.pass(10 * time.Second)
			d.t.odd = longer(0)
			d.pass(time.Minute)
			if s := d.lane.Devices()[0]; s.State != drivers.Offline {
				t.Errorf("%s: %v, want offline", how, s.State)
			}
			d.wantNeighbour()
			d.t.odd = nil
			d.pass(time.Minute)
			d.sent = nil
			d.pass(time.Minute)
			for i := range 60 {
				if q := d.of(1, i); len(q) < 55 || slices.ContainsFunc(q, mapping.Quality.IsBad) {
					t.Errorf("%s: tag %d is not read at every poll again: %v", how, i, q)
				}
			}
		})
	}
}

// The same over TCP, with a goodbye and without.
func TestPeerThatHangsUpOnOneRegister(t *testing.T) {
	for _, reset := range []bool{false, true} {
		r := serve(t, func(q query) action {
			if q.unit == 1 && touching(500)(q.request) {
				return action{hangUp: true, reset: reset}
			}
			return action{send: q.right()}
		})
		link, err := NewLink(LinkOptions{Transport: "tcp", Address: r.addr, Timeout: long})
		if err != nil {
			t.Fatal(err)
		}
		samples := make(chan oddSample, 10_000)
		lane := drivers.NewLane(link, drivers.LaneOptions{Append: func(b *mapping.Batch) error {
			for _, s := range b.Samples {
				select {
				case samples <- oddSample{unit: b.Group.UnitID, index: int(s.Index), q: s.Quality}:
				default:
				}
			}
			return nil
		}})
		d := odd{retries: 1}
		well, ill := words(0), words(100, 499, 500, 501)
		p := planOf(Limits{}, well...)
		p.unit = 2
		jobs := []*drivers.Job{d.job(2, p, well), d.job(1, planOf(Limits{}, ill...), ill)}
		for _, j := range jobs {
			j.Period = 10 * time.Millisecond
			j.Device.Timeout = long
		}
		lane.Apply(jobs)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			lane.Run(ctx)
		}()
		good, isBad := map[int]int{}, false
		for s := range samples {
			switch {
			case s.unit == 2 && s.q != mapping.Good, s.unit == 1 && s.index == 0 && s.q != mapping.Good:
				t.Fatalf("reset %v: tag %d of unit %d is %v", reset, s.index, s.unit, s.q)
			case s.unit == 1 && s.index == 2 && s.q.IsBad():
				isBad = true
			case isBad && s.index == 0:
				good[s.unit]++
			}
			if good[1] >= 20 && good[2] >= 20 {
				break
			}
		}
		cancel()
		<-ended
		if n := r.conns.Load(); n > 3 {
			t.Errorf("reset %v: %d connections, want 3: the first, one to ask again, one for the others", reset, n)
		}
	}
}
