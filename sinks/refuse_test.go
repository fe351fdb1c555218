package sinks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// rejected reads the values in a reject store, in the order of its files.
func rejected(t *testing.T, dir string) []uint64 {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var list []uint64
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var sample struct {
				Value  uint64
				Reason string
			}
			if err := json.Unmarshal(line, &sample); err != nil || sample.Reason == "" {
				t.Fatalf("line %q of %s: %v, reason %q", line, path, err, sample.Reason)
			}
			list = append(list, sample.Value)
		}
	}
	return list
}

// wide is n samples of n series in groups of 500, with the values 0 to n-1.
func wide(l *fakeLog, n int) {
	for i := 0; i < n; i += 500 {
		l.append(intBatch(testGroup(fmt.Sprintf("d%d", i), 500), i, min(500, n-i)))
	}
}

func TestForwarderFindsOneRefusedSampleOfThousands(t *testing.T) {
	const n = 5000
	for _, poison := range []uint64{0, 1, 2499, 2500, 3217, n - 1} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			dir := t.TempDir()
			r.sink.answer = refuse(func(v uint64) bool { return v == poison })
			wide(r.log, n)
			r.start(ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
			r.wait(time.Minute)
			want := slices.Delete(upTo(0, n), int(poison), int(poison)+1)
			if !slices.Equal(r.sink.got, want) || r.log.acked() != n {
				t.Errorf("poison %d: delivered %d, acknowledged %d", poison, len(r.sink.got), r.log.acked())
			}
			if got := rejected(t, dir); !slices.Equal(got, []uint64{poison}) {
				t.Errorf("poison %d: rejected %v", poison, got)
			}
			if most := 2*bits.Len(n) + 1; len(r.sink.sizes) > most {
				t.Errorf("poison %d: %d requests, want at most %d: %v", poison, len(r.sink.sizes), most, r.sink.sizes)
			}
			if r.logged("samples refused by the sink") != 1 {
				t.Errorf("log:\n%s", r.output.String())
			}
			r.stop()
		})
	}
}

// TestForwarderAccountsForEverySample lets a sink refuse some values, be down now and then, take parts and find
// requests too large: each sample is delivered, in order, or rejected, once.
func TestForwarderAccountsForEverySample(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			r := newRig(t)
			dir := t.TempDir()
			n := 1 + rnd.IntN(1200)
			poison := make(map[uint64]bool)
			for range rnd.IntN(20) {
				poison[rnd.Uint64N(uint64(n))] = true
			}
			honest := refuse(func(v uint64) bool { return poison[v] })
			r.sink.answer = func(v *View) (int, error) {
				switch rnd.IntN(12) {
				case 0:
					return 0, errDown
				case 1:
					return 0, &Fault{Action: Hold, Err: errDown}
				case 2:
					if v.Len() > 100 {
						return 0, &Fault{Action: Shrink, Err: errDown}
					}
				case 3:
					part := v.Slice(0, v.Len()/2)
					if k, err := honest(&part); err == nil {
						return k, errDown
					}
				}
				return honest(v)
			}
			wide(r.log, n)
			r.start(ForwarderOptions{Batch: 1 + rnd.IntN(n), Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
			r.wait(3 * time.Hour)
			var want, wantRejected []uint64
			for v := range uint64(n) {
				if poison[v] {
					wantRejected = append(wantRejected, v)
				} else {
					want = append(want, v)
				}
			}
			if !slices.Equal(r.sink.got, want) || r.log.acked() != Pos(n) {
				t.Errorf("seed %d: delivered %d of %d, acknowledged %d of %d", seed, len(r.sink.got), len(want), r.log.acked(), n)
			}
			if got := rejected(t, dir); !slices.Equal(got, wantRejected) {
				t.Errorf("seed %d: rejected %v, want %v", seed, got, wantRejected)
			}
			if s := r.f.Stats(); s.Delivered+s.Rejected != uint64(n) || s.Rejected != uint64(len(poison)) {
				t.Errorf("seed %d: counted %d delivered and %d rejected of %d", seed, s.Delivered, s.Rejected, n)
			}
			r.stop()
		})
	}
}

func TestForwarderSetsASeriesAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		g := testGroup("a", 10)
		ill := true
		tries := 0
		r.sink.answer = func(v *View) (int, error) {
			alone := v.Len() == 1
			n, err := refuse(func(v uint64) bool { return ill && v%10 == 3 })(v)
			if err != nil && alone {
				tries++
			}
			return n, err
		}
		r.start(ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
		polls := 0
		run := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); polls++ {
				r.log.append(intBatch(g, 10*polls, 10))
				r.wait(10 * time.Second)
			}
			synctest.Wait()
		}
		run(time.Minute)
		if s := r.f.Stats(); tries != strikesOut+2 || s.SetAside != 1 {
			t.Errorf("%d tries alone, %d set aside, want %d, two of them after 10 s and 20 s, and 1", tries, s.SetAside, strikesOut+2)
		}
		run(time.Hour)
		before := tries
		run(time.Hour)
		if n := tries - before; before > strikesOut+11 || n < 5 || n > 6 {
			t.Errorf("%d tries alone in an hour, %d in the next one, want ever fewer, and then one every ten minutes", before-strikesOut, n)
		}
		if got := rejected(t, dir); len(got) != polls || !slices.IsSorted(got) {
			t.Errorf("rejected %d of %d, in order: %v", len(got), polls, slices.IsSorted(got))
		}
		if text := readFile(t, filepath.Join(dir, "00000001.jsonl")); !strings.Contains(text, asideReason+"will not take ") {
			t.Errorf("samples of a series set aside do not say why: %.2000s", text)
		}
		if len(r.sink.got) != 9*polls || !slices.IsSorted(r.sink.got) {
			t.Errorf("delivered %d of %d", len(r.sink.got), 9*polls)
		}
		r.change(func() { ill = false })
		run(30 * time.Minute)
		if s := r.f.Stats(); s.SetAside != 0 || s.Delivered+s.Rejected != uint64(10*polls) {
			t.Errorf("after it was mended: %+v of %d", s, 10*polls)
		}
		if kept := len(rejected(t, dir)); kept != int(r.f.Stats().Rejected) || r.logged("tag set aside") != 1 || r.logged("taken by the sink again") != 1 {
			t.Errorf("%d in the store of %d; log:\n%s", kept, r.f.Stats().Rejected, r.output.String())
		}
		r.stop()
	})
}

func TestForwarderSetsAsideWithinOneView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 10)
		r.sink.answer = refuse(func(v uint64) bool { return v%10 == 3 })
		for i := range 100 {
			r.log.append(intBatch(g, 10*i, 10))
		}
		r.start(ForwarderOptions{})
		r.wait(time.Minute)
		if s := r.f.Stats(); s.Delivered != 900 || s.Rejected != 100 || !slices.IsSorted(r.sink.got) {
			t.Errorf("delivered %d, rejected %d, want 900 and 100", s.Delivered, s.Rejected)
		}
		if len(r.sink.sizes) > 80 {
			t.Errorf("%d requests: the series was not set aside at the third refusal", len(r.sink.sizes))
		}
		r.stop()
	})
}

func TestForwarderForgivesASeriesThatIsTakenInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = refuse(func(v uint64) bool { return v%2 == 1 })
		r.start(ForwarderOptions{})
		for i := range 40 {
			r.log.append(intBatch(testGroup("a", 1), i, 1))
			r.wait(10 * time.Second)
		}
		if s := r.f.Stats(); s.SetAside != 0 || s.Delivered != 20 || s.Rejected != 20 {
			t.Errorf("stats %+v, want 20 delivered, 20 rejected and none set aside", s)
		}
		r.stop()
	})
}

func TestForwarderRejectsExactlyWhatTheSinkNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(v *View) (int, error) {
			at := 0
			for i := range v.Batches {
				for _, s := range v.Batches[i].Samples {
					if s.Bits == 7 {
						return at, &Fault{Action: Refuse, Refused: 2, Err: errDown}
					}
					at++
				}
			}
			return v.Len(), nil
		}
		r.log.append(intBatch(testGroup("a", 20), 0, 20))
		r.start(ForwarderOptions{})
		r.wait(time.Minute)
		if want := slices.Concat(upTo(0, 7), upTo(9, 20)); !slices.Equal(r.sink.got, want) || len(r.sink.sizes) != 2 {
			t.Errorf("delivered %v in %d requests, want %v in 2", r.sink.got, len(r.sink.sizes), want)
		}
		r.stop()
	})
}

func TestForwarderKeepsItsPlaceInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		honest := refuse(func(v uint64) bool { return v == 617 })
		r.sink.answer = func(v *View) (int, error) {
			if len(r.sink.sizes)%2 == 0 {
				return 0, errDown // every other request
			}
			return honest(v)
		}
		r.log.append(intBatch(testGroup("a", 1000), 0, 1000))
		r.start(ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
		r.wait(time.Hour)
		if got := rejected(t, dir); !slices.Equal(got, []uint64{617}) || len(r.sink.got) != 999 {
			t.Errorf("rejected %v, delivered %d of 999", got, len(r.sink.got))
		}
		if most := 4 * bits.Len(1000); len(r.sink.sizes) > most {
			t.Errorf("%d requests, want at most %d: an outage made it begin anew", len(r.sink.sizes), most)
		}
		r.stop()
	})
}

func TestForwarderTriesAllSeriesWhenOneIsTakenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		g := testGroup("a", 100)
		ill := false
		r.sink.answer = refuse(func(v uint64) bool { return ill || v%100 == 7 })
		r.start(ForwarderOptions{})
		polls := 0
		run := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); polls++ {
				r.log.append(intBatch(g, 100*polls, 100))
				r.wait(10 * time.Second)
			}
		}
		run(time.Minute)
		r.change(func() { ill = true })
		run(time.Minute)
		if s := r.f.Stats(); s.SetAside != 100 {
			t.Errorf("%d series set aside, want all", s.SetAside)
		}
		r.change(func() { ill = false })
		run(20 * time.Minute)
		before := r.f.Stats()
		run(5 * time.Minute)
		after := r.f.Stats()
		if after.SetAside != 1 || after.Rejected-before.Rejected != 30 || after.Delivered-before.Delivered != 30*99 {
			t.Errorf("after the sink was mended, %d set aside; of 30 polls of 100, %d delivered and %d rejected",
				after.SetAside, after.Delivered-before.Delivered, after.Rejected-before.Rejected)
		}
		if s := after; s.Delivered+s.Rejected != uint64(100*polls) || !slices.IsSorted(r.sink.got) {
			t.Errorf("%d delivered and %d rejected of %d", s.Delivered, s.Rejected, 100*polls)
		}
		r.stop()
	})
}
