package bridge

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/testrig/influxd"
)

// TestRandomEdits makes random mistakes in a running bridge's files and reloads each. Whatever is in them, the bridge
// goes on with what was right last, loses nothing, and says where the mistake is.
func TestRandomEdits(t *testing.T) {
	r := newRig(t)
	b := r.reloading()
	rnd := rand.New(rand.NewPCG(1, 2))
	names := []string{"plant.yaml", "tags.csv", "more.csv"}
	right := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		right[name] = string(text)
	}
	edits := 1000
	if testing.Short() {
		edits = 100
	}
	for i := range edits {
		name := names[rnd.IntN(len(names))]
		text, there := spoil(rnd, right[name])
		if there {
			r.write(name, text)
		} else if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
		s := b.hup()
		for _, p := range s.Problems {
			if !strings.Contains(p, filepath.Join(r.dir, "")+string(filepath.Separator)) {
				t.Fatalf("edit %d of %s: no place in %q", i, name, p)
			}
		}
		for _, sink := range b.bridge.Sinks() {
			if sink.Dropped > 0 || sink.Rejected > 0 {
				t.Fatalf("edit %d of %s: %+v\n%s", i, name, sink, text)
			}
		}
		for _, l := range b.bridge.now.Load().connections {
			if n := l.lane.Line().Unsent; n > 0 {
				t.Fatalf("edit %d of %s: %d samples were not taken", i, name, n)
			}
		}
		r.write(name, right[name])
	}
	if s := b.hup(); len(s.Problems) > 0 || s.Refused == 0 || s.Applied == 0 {
		t.Fatalf("the right one at the end: %+v", s)
	}
	r.influx.Forget()
	r.wait("values at the end", func(points []influxd.Point) bool { return len(pollTimes(points)) > 2 })
}

// spoil makes one mistake in text; without there the file is gone.
func spoil(rnd *rand.Rand, text string) (spoilt string, there bool) {
	lines := strings.SplitAfter(text, "\n")
	at := rnd.IntN(len(lines))
	switch rnd.IntN(6) {
	case 0: // a line is gone
		return strings.Join(append(append([]string{}, lines[:at]...), lines[at+1:]...), ""), true
	case 1: // half written
		return text[:rnd.IntN(len(text))], true
	case 2: // the file is gone
		return "", false
	case 3: // a line twice
		lines[at] += lines[at]
		return strings.Join(lines, ""), true
	case 4: // a character is another
		i := rnd.IntN(len(text))
		return text[:i] + string(rune(33+rnd.IntN(90))) + text[i+1:], true
	}
	// two characters are swapped
	i := rnd.IntN(len(text) - 1)
	return text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:], true
}
