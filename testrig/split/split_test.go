package split

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// rounds is how many random schedules are played through, for each way to be isolated; TAGBRIDGE_SPLITS says otherwise.
func rounds(t *testing.T, few int) int {
	if text := os.Getenv("TAGBRIDGE_SPLITS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("TAGBRIDGE_SPLITS is %q", text)
		}
		return n
	}
	return few
}

// TestSplits has members killed, stopped and cut off in every way that there is, with servers and lines failing besides: what they read is
// taken over, and with stop never read by two at a time.
func TestSplits(t *testing.T) {
	for _, isolated := range []string{"stop", "keep"} {
		t.Run(isolated, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, options{
				endpoints: 6, members: 3, isolated: isolated, takeover: 2 * time.Second, poll: 100 * time.Millisecond, namespaces: true,
			})
			seed := uint64(1)
			if n, err := strconv.ParseUint(os.Getenv("TAGBRIDGE_SEED"), 10, 64); err == nil {
				seed = n
			}
			chance := rand.New(rand.NewPCG(seed, 0))
			for _, m := range r.members {
				m.start()
			}
			r.await("all take part", func() bool { return r.settled(r.members...) && r.polled(time.Now().Add(-time.Second)) })
			var all []takeover
			twice := 0
			for i := range rounds(t, 3) {
				what := round{
					blow: blows[(i+chance.IntN(2)*5)%len(blows)], weather: weathers[chance.IntN(len(weathers))],
					long: time.Duration(chance.IntN(3000)) * time.Millisecond, before: chance.IntN(2) == 0,
				}
				list := r.play(what, chance)
				all = append(all, list...)
				n := r.twice(what.below)
				twice += n
				t.Logf("%d: %v: %v, read on by one who had been replaced: %d", i, what, gaps(list), n)
				if n > 0 && (isolated == "stop" || !what.parts && !what.keeps) {
					r.tell()
					t.Errorf("%v: two read a PLC at a time", what)
				}
			}
			report(t, all, twice)
		})
	}
}

func gaps(list []takeover) (out []time.Duration) {
	for _, o := range list {
		out = append(out, o.gap.Round(time.Millisecond))
	}
	return out
}

// report says how long takeovers were.
func report(t *testing.T, all []takeover, twice int) {
	slices.SortFunc(all, func(a, b takeover) int { return int(a.gap - b.gap) })
	if len(all) == 0 {
		return
	}
	at := func(share float64) takeover { return all[min(len(all)-1, int(share*float64(len(all))))] }
	t.Logf("%d takeovers: median %v, p99 %v, longest %v; two read at a time %d times", len(all), at(0.5).gap, at(0.99).gap, at(1).gap, twice)
	for _, o := range all[max(0, len(all)-8):] {
		t.Logf("%v: PLC %d, %v", o.gap, o.plc, o.of)
	}
	if limit := 3 * time.Second; os.Getenv("TAGBRIDGE_SPLITS") != "" && at(0.99).gap > limit {
		t.Errorf("of takeovers, 1 of 100 is longer than %v", limit)
	}
}
