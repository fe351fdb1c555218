package bridge

import (
	"context"
	"errors"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// TestFollowSeesWhatIsReadAfterwards looks at the plant, and then at what comes, as a page does that shows live values.
func TestFollowSeesWhatIsReadAfterwards(t *testing.T) {
	r := beginning(t, "")
	b := r.run()
	b.awaitQuality(mapping.Good)
	from := b.bridge.End()
	before := map[string]int64{}
	for tag := range b.bridge.Tags() {
		before[tag.Series.Tag] = tag.Sample.Time
	}
	f := b.bridge.Follow(from, sinks.Following{})
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patienceOfTests)
	defer cancel()
	var v sinks.View
	newer := map[string]bool{}
	for len(newer) < len(before) {
		if err := f.Next(ctx, &v); err != nil || v.Lost > 0 {
			t.Fatalf("%d missed, %v; newer so far: %v", v.Lost, err, newer)
		}
		for i := range v.Batches {
			for _, s := range v.Batches[i].Samples {
				if tag := v.Batches[i].Group.Series[s.Index].Tag; before[tag] > 0 && s.Time > before[tag] {
					newer[tag] = true
				}
			}
		}
	}
	b.stop()
	for {
		if err := f.Next(ctx, &v); err != nil {
			if !errors.Is(err, journal.ErrClosed) {
				t.Errorf("after the stop: %v", err)
			}
			return
		}
	}
}
