package mqtt

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// mixed is rounds of several devices, cut into pieces of which those of different devices are mixed. The value of a
// sample is the number of its round.
func mixed(r *rand.Rand, devices, tags, rounds int) *sinks.View {
	var v sinks.View
	groups := make([]*mapping.Group, devices)
	for i := range groups {
		groups[i] = plant(fmt.Sprint("d", i), tags)
	}
	for round := range rounds {
		next := make([]int, devices)
		for left := devices; left > 0; {
			d := r.IntN(devices)
			n := min(1+r.IntN(3), tags-next[d])
			if n == 0 {
				continue
			}
			b := mapping.Batch{Group: groups[d]}
			for range n {
				b.Samples = append(b.Samples, mapping.Sample{Time: int64(round), Index: uint16(next[d]), Kind: mapping.Int, Bits: uint64(round)})
				next[d]++
			}
			if next[d] == tags {
				left--
			}
			v.Append(&b, nil)
		}
	}
	return &v
}

// values are those of each tag, in the order in which the messages brought them.
func valuesOf(t *testing.T, list []published) map[string][]int {
	t.Helper()
	all := map[string][]int{}
	for _, p := range list {
		var o struct {
			Device string
			Values map[string]int
		}
		if err := json.Unmarshal([]byte(p.payload), &o); err != nil {
			t.Fatalf("message %s: %v", p.payload, err)
		}
		for tag, value := range o.Values {
			all[o.Device+"/"+tag] = append(all[o.Device+"/"+tag], value)
		}
	}
	return all
}

// TestRoundIsOneMessage wants each round of each device in one message, whatever came in between.
func TestRoundIsOneMessage(t *testing.T) {
	const devices, tags, rounds = 3, 5, 6
	r := rand.New(rand.NewPCG(7, 8))
	for qos := range 2 {
		v := mixed(r, devices, tags, rounds)
		list := sent(t, v, func(o *Options) { o.QoS, o.Format, o.Topic = qos, "batch", topic("{device}") })
		if len(list) != devices*rounds {
			t.Errorf("QoS %d: %d messages, want %d", qos, len(list), devices*rounds)
		}
		for tag, got := range valuesOf(t, list) {
			if !slices.Equal(got, []int{0, 1, 2, 3, 4, 5}) {
				t.Errorf("QoS %d: %s got %v", qos, tag, got)
			}
		}
	}
}

// TestRoundsOverLostConnections has a broker that is lost again and again, in the middle of views that are cut anywhere:
// no sample is missing, and none comes behind a newer one for the first time.
func TestRoundsOverLostConnections(t *testing.T) {
	const devices, tags, rounds = 3, 5, 20
	r := rand.New(rand.NewPCG(9, 10))
	for range 6 {
		v := mixed(r, devices, tags, rounds)
		f := newFake(t)
		s := open(t, f.addr(), func(o *Options) {
			o.Format, o.Topic, o.InFlight, o.Timeout = "batch", topic("{device}"), 4, 50*time.Millisecond
		})
		for at, tries := 0, 0; at < v.Len(); tries++ {
			end := min(v.Len(), at+1+r.IntN(60))
			part := v.Slice(at, end)
			if tries%2 == 0 {
				left := r.IntN(6)
				f.mu.Lock()
				f.answer = func(published) (int, bool) {
					left--
					if left == -1 { // those behind it are answered, and their turn comes again
						return withhold, false
					}
					return 0, left == -3
				}
				f.mu.Unlock()
			}
			n, _ := s.Send(t.Context(), &part)
			at += n
		}
		s.Close()
		f.mu.Lock()
		all := slices.Clone(f.received)
		f.mu.Unlock()
		for tag, got := range valuesOf(t, all) {
			first := got[:0:0]
			for _, n := range got {
				if !slices.Contains(first, n) {
					first = append(first, n)
				}
			}
			if len(first) != rounds || !slices.IsSorted(first) {
				t.Fatalf("%s got %v", tag, got)
			}
		}
	}
}

// TestRefusedBehindWhatCameForward has the broker refuse the round behind one whose end came forward: what is refused is
// that, and not the end that was published.
func TestRefusedBehindWhatCameForward(t *testing.T) {
	a, other := plant("a", 4), plant("b", 4)
	var v sinks.View
	add := func(g *mapping.Group, at int64, indexes ...uint16) {
		b := &mapping.Batch{Group: g}
		for _, i := range indexes {
			b.Samples = append(b.Samples, mapping.Sample{Time: at, Kind: mapping.Int, Index: i})
		}
		v.Append(b, nil)
	}
	add(a, 1, 0, 1)
	add(other, 1, 0, 1)
	add(a, 1, 2, 3)
	add(a, 2, 0, 1)
	f := newFake(t)
	n := 0
	f.on(func(published) (int, bool) {
		if n++; n == 3 {
			return 0x87, false
		}
		return 0, false
	})
	s := open(t, f.addr(), func(o *Options) { o.Format, o.Topic = "batch", topic("b") })
	done, err := s.Send(t.Context(), &v)
	if fault := faultOf(t, err); done != 6 || fault.Action != sinks.Refuse || fault.Refused != 2 {
		t.Errorf("Send = %d, %v; want 6 samples dealt with and the next 2 refused", done, err)
	}
}
