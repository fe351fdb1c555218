package journal

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestFirstGoesBack gives up a segment of whose samples the forwarder has the oldest, and kills the journal once the book has
// the others, before the position says that these ones went too. They wait again, and are lost after all: of what is lost, they
// are the first.
func TestFirstGoesBack(t *testing.T) {
	d := newMemFolder()
	o := Options{Tail: chunkSize, MaxSize: 60_000}
	j := openOn(t, d, o)
	j.files.segmentSize = 1000
	p, _ := j.Start("s", "now")
	j.Settle("s")
	const n, each = 4000, 100
	read := func(batch int) time.Time { return time.Unix(1_790_000_000+int64(batch), 0) }
	g := countGroup("a", each)
	for i := range n / each {
		var b mapping.Batch
		b.Reset(g)
		for k := range each {
			put(&b, read(i).UnixNano(), k, mapping.Int64, uint64(each*i+k))
		}
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
		disk{j}.flush()
		disk{j}.sync()
	}
	to := j.files.segments[1].first
	var v sinks.View
	given, err := j.Next(t.Context(), p, sinks.Query{Sink: "s", Max: 2 * each}, &v)
	if err != nil || given < each || given >= to {
		t.Fatal(given, to, err)
	}
	d.fail = func(op, name string) error {
		if op == "remove" || op == "write" && strings.HasSuffix(name, cursorSuffix) {
			return syscall.EIO
		}
		return nil
	}
	j.SetLimits(Limits{MaxSize: j.Bytes() - 1, MaxAge: time.Hour})
	tidier{j}.retain(t.Context())
	d.fail = nil

	d = d.kill()
	in, err := inspectFolder(d)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := in.Summary()
	if err != nil || len(sum.Sinks) != 1 {
		t.Fatal(sum, err)
	}
	last := read(int(to-1) / each)
	want := sinks.LossSum{Samples: uint64(to - given), First: read(int(given) / each), Last: last}
	wantLost(t, "the folder", sum.Sinks[0].Ever, want)
	j = openOn(t, d, o)
	j.Start("s", "now")
	wantLost(t, "the next start", statOf(t, j, "s").Ever, want)

	j.SetLimits(Limits{MaxSize: j.Bytes() - 1, MaxAge: time.Hour})
	tidier{j}.retain(t.Context())
	want = sinks.LossSum{Samples: uint64(to), First: read(0), Last: last}
	wantLost(t, "the next start, once all went,", statOf(t, j, "s").Ever, want)
	if list, err := in.Losses("s"); err != nil || len(list) != 2 || !list[0].First.Equal(read(0)) || list[1].From != given || list[1].To != to {
		t.Errorf("the book says %+v, %v", list, err)
	}
}

func wantLost(t *testing.T, who string, e sinks.Ever, want sinks.LossSum) {
	t.Helper()
	got := e.Lost["size"]
	if got.Samples != want.Samples || !got.First.Equal(want.First) || !got.Last.Equal(want.Last) {
		t.Errorf("%s says that %+v are lost, want %+v", who, got, want)
	}
}
