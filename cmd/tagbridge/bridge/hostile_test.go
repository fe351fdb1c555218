package bridge

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// hostileSpan is how long the peers of a hostile plant do their worst.
const hostileSpan = 12 * time.Second

// seen is what a file sink was given of one tag.
type seen struct {
	Time    time.Time
	Device  string
	Tag     string
	Value   any
	Quality string
}

// readings are the samples in out.jsonl, by device/tag, in order.
func (r *rig) readings() map[string][]seen {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir, "out.jsonl"))
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string][]seen{}
	for line := range strings.Lines(string(raw)) {
		var s seen
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
		key := s.Device + "/" + s.Tag
		out[key] = append(out[key], s)
	}
	return out
}

// last is the last quality of a tag; "": none.
func last(list []seen) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1].Quality
}

// good counts the good samples after the given time, and the others.
func good(list []seen, after time.Time) (n, others int) {
	for _, s := range list {
		switch {
		case s.Time.Before(after):
		case s.Quality == "Good":
			n++
		default:
			others++
		}
	}
	return n, others
}

// enough waits until each of these tags has n good samples after the given time, and returns all readings.
func (r *rig) enough(after time.Time, n int, tags ...string) map[string][]seen {
	r.t.Helper()
	return r.eachIs(tags, func(list []seen) bool {
		has, _ := good(list, after)
		return has >= n
	})
}

// eachIs waits until the readings of each of these tags are so, two minutes at most, and returns all readings: a busy machine reads later,
// not less well.
func (r *rig) eachIs(tags []string, so func([]seen) bool) map[string][]seen {
	r.t.Helper()
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(2 * time.Minute); ; <-look.C {
		got := r.readings()
		if !slices.ContainsFunc(tags, func(tag string) bool { return !so(got[tag]) }) || time.Now().After(end) {
			return got
		}
	}
}

// watchMemory returns what ends the watch, and gives the most that the heap held.
func watchMemory() (end func() uint64) {
	stop := make(chan struct{})
	var most uint64
	var all sync.WaitGroup
	all.Go(func() {
		look := time.NewTicker(100 * time.Millisecond)
		defer look.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-look.C:
			case <-stop:
				return
			}
		}
	})
	return func() uint64 {
		close(stop)
		all.Wait()
		return most
	}
}

// most is what a hostile plant, with its peers, may hold in memory.
const mostMemory = 300 << 20

// runFor lets a plant run for the span and returns when it began.
func runFor(t *testing.T, span time.Duration) time.Time {
	t.Helper()
	began := time.Now()
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal("the test was ended")
	}
	return began
}

// hostilePlant writes a configuration of these devices and sinks, and a file sink for what the devices gave.
func (r *rig) hostilePlant(devices, sinks []string) {
	r.write("plant.yaml", fmt.Sprintf(`
bridge: {name: test, data_dir: data, http: ""}
devices:
%s
sinks:
  - {name: out, type: file, path: out.jsonl, match: ["*", "!*/_*"]}
%s
`, strings.Join(devices, "\n"), strings.Join(sinks, "\n")))
}

// awaitAllGood waits until every tag of every device is good, with the patience that what is tried with growing pauses needs.
func (b *running) awaitAllGood() {
	b.t.Helper()
	for range 3 {
		if b.within(func() bool {
			for _, d := range b.bridge.Devices() {
				if d.BadTags > 0 || d.Good == 0 {
					return false
				}
			}
			return true
		}) {
			return
		}
	}
	for _, d := range b.bridge.Devices() {
		if d.BadTags > 0 || d.Good == 0 {
			b.t.Errorf("%s has %d bad tags: %s", d.Name, d.BadTags, d.Error)
		}
	}
}
