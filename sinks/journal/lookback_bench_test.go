package journal

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// polled is that of devices that are polled each second.
type polled struct {
	devices, tags int
	seconds       int
}

// lived fills dir with what the plant read in its seconds up to until, with an index for each segment that is complete.
func (p polled) lived(b *testing.B, dir string, until time.Time) int64 {
	j, err := Open(Options{Dir: dir, Sync: time.Second, Keep: time.Hour, KeepSize: 256 << 20, MaxSize: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var batch mapping.Batch
	groups := make([]*mapping.Group, p.devices)
	for i := range groups {
		groups[i] = plantGroup(fmt.Sprint("boiler", i), p.tags)
	}
	for s := range p.seconds {
		now := until.Add(time.Duration(s-p.seconds) * time.Second)
		for i, g := range groups {
			if i == 0 || p.devices < 100 {
				poll(r, &batch, g, 0)
			}
			at := now.Add(time.Duration(i) * time.Second / time.Duration(p.devices)).UnixNano()
			for k := range batch.Samples {
				batch.Samples[k].Time = at
			}
			batch.Group = g
			if err := j.Append(&batch); err != nil {
				b.Fatal(err)
			}
		}
		if s%10 == 0 {
			disk{j}.flush()
			disk{j}.sync()
		}
	}
	disk{j}.flush()
	disk{j}.sync()
	for (indexer{j}).indexOne(b.Context()) {
	}
	size := j.Bytes()
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	return size
}

// BenchmarkLookBack looks for one tag: ten minutes of a journal of 256 MiB at 50,000 samples/s, and a day of 1,000 tags.
// LOOKBACK_DIR keeps the journals there.
func BenchmarkLookBack(b *testing.B) {
	until := time.Now().Truncate(time.Second)
	for _, c := range []struct {
		name   string
		polled polled
		span   time.Duration
	}{
		{"minutes-500", polled{100, 500, 1500}, 10 * time.Minute},
		{"minutes-20", polled{2500, 20, 940}, 10 * time.Minute},
		{"day-500", polled{2, 500, 86400}, 24 * time.Hour},
		{"day-20", polled{50, 20, 86400}, 24 * time.Hour},
	} {
		b.Run(c.name, func(b *testing.B) {
			dir := b.TempDir()
			if keep := os.Getenv("LOOKBACK_DIR"); keep != "" {
				dir = filepath.Join(keep, c.name, "journal")
			}
			size := c.polled.lived(b, dir, until)
			patterns, _ := mapping.ParsePatterns([]string{fmt.Sprintf("boiler%d/area/motor003/speed", c.polled.devices/2)})
			found := 0
			for b.Loop() {
				in, err := Inspect(dir)
				if err != nil {
					b.Fatal(err)
				}
				found = 0
				q := Past{Match: sinks.NewMatch(patterns), Since: until.Add(-c.span)}
				if _, err := in.History(b.Context(), q, func(*mapping.Batch, int) error { found++; return nil }); err != nil {
					b.Fatal(err)
				}
				in.Close()
			}
			if found < int(c.span/time.Second)-1 {
				b.Errorf("%d samples", found)
			}
			b.ReportMetric(float64(size)/(1<<20), "MiB")
			b.ReportMetric(float64(found), "samples")
		})
	}
}
