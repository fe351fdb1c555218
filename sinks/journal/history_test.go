package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// historyOf is the values of tag that the folder has between two times, and what is missing.
func historyOf(t *testing.T, dir, tag string, since, until int64) (seen []int64, missing []Missing) {
	t.Helper()
	q := Past{Match: match(t, tag), Since: time.Unix(since, 0), Until: time.Unix(until, 0)}
	missing, err := inspect(t, dir).History(t.Context(), q, func(b *mapping.Batch, i int) error {
		if b.Group.Device+"/"+b.Group.Series[b.Samples[i].Index].Tag != tag {
			t.Errorf("a sample of %s", b.Group.Device)
		}
		seen = append(seen, int64(b.Samples[i].Bits))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen, missing
}

// hundredSeconds is a folder with a sample a second from 1,000 s to 1,100 s of each of 10 tags of two devices, in two segments.
func hundredSeconds(t *testing.T) string {
	dir := t.TempDir()
	for round := range 2 {
		j, err := Open(Options{Dir: dir, Keep: time.Hour, KeepSize: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			for _, device := range []string{"a", "b"} {
				b := batchOf(countGroup(device, 10), 1000*(50*round+i))
				for k := range b.Samples {
					b.Samples[k].Time = int64(1000+50*round+i) * 1e9
				}
				if err := j.Append(b); err != nil {
					t.Fatal(err)
				}
			}
		}
		disk{j}.flush()
		disk{j}.sync()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestHistory(t *testing.T) {
	seen, missing := historyOf(t, hundredSeconds(t), "b/t3", 1040, 1060)
	var want []int64
	for i := range 20 {
		want = append(want, int64(1000*(40+i)+3))
	}
	if !slices.Equal(seen, want) || len(missing) > 0 {
		t.Errorf("found %v, missing %v", seen, missing)
	}
}

// TestHistoryIsWholeBesideDamage flips each bit of a segment's middle in turn: what is found is right, and when any is not
// there it is said.
func TestHistoryIsWholeBesideDamage(t *testing.T) {
	dir := hundredSeconds(t)
	name := filepath.Join(dir, inspect(t, dir).segments[0].name())
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for off := len(whole) / 2; off < len(whole)/2+300; off++ {
		b := slices.Clone(whole)
		b[off] ^= 0x10
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		seen, missing := historyOf(t, dir, "a/t3", 1000, 1100)
		for _, v := range seen {
			if v%1000 != 3 {
				t.Fatalf("byte %d: the value %d was never written", off, v)
			}
		}
		if len(seen) < 100 {
			damaged++
			if len(missing) != 1 || missing[0].Reason != MissingDamaged || missing[0].Samples == 0 {
				t.Fatalf("byte %d: %d samples and missing %+v", off, len(seen), missing)
			}
		}
	}
	if damaged == 0 {
		t.Error("no sample was damaged: the test shows nothing")
	}
}

// TestHistoryBegins says that what is older is not there any more.
func TestHistoryBegins(t *testing.T) {
	dir := hundredSeconds(t)
	if err := os.Remove(filepath.Join(dir, inspect(t, dir).segments[0].name())); err != nil {
		t.Fatal(err)
	}
	seen, missing := historyOf(t, dir, "a/t3", 1040, 1060)
	if len(seen) != 10 || len(missing) != 1 || missing[0].Reason != MissingOlder || missing[0].Until.Unix() != 1050 {
		t.Errorf("found %d, missing %+v", len(seen), missing)
	}
	if _, missing = historyOf(t, dir, "a/t3", 1060, 1070); len(missing) > 0 {
		t.Errorf("missing %+v after the oldest", missing)
	}
}

// BenchmarkHistory reads one tag of a journal of 256 MiB.
func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{500, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			j, err := Open(Options{Dir: dir, Sync: time.Second, Keep: time.Hour, KeepSize: 1 << 40})
			if err != nil {
				b.Fatal(err)
			}
			fillJournal(b, j, 256<<20/500*500/4, n)
			for (indexer{j}).indexOne(b.Context()) {
			}
			size := j.Bytes()
			j.Close()
			patterns, _ := mapping.ParsePatterns([]string{"boiler7/area/motor003/speed"})
			for b.Loop() {
				in, err := Inspect(dir)
				if err != nil {
					b.Fatal(err)
				}
				found := 0
				q := Past{Match: sinks.NewMatch(patterns)}
				if _, err := in.History(b.Context(), q, func(*mapping.Batch, int) error { found++; return nil }); err != nil || found == 0 {
					b.Fatal(found, err)
				}
				in.Close()
			}
			b.ReportMetric(float64(size)/(1<<20), "MiB")
		})
	}
}
