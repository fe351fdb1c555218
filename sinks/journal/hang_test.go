package journal

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tagbridge/sinks"
)

// hangingFolder is a folder of which some calls do not return while it hangs.
type hangingFolder struct {
	folder
	calls func(call, name string) bool // those that it is about

	mu   sync.Mutex
	gate chan struct{} // nil: it does not hang
}

func (d *hangingFolder) hang() {
	d.mu.Lock()
	d.gate = make(chan struct{})
	d.mu.Unlock()
}

func (d *hangingFolder) answer() {
	d.mu.Lock()
	close(d.gate)
	d.gate = nil
	d.mu.Unlock()
}

func (d *hangingFolder) pass(call, name string) {
	d.mu.Lock()
	gate := d.gate
	d.mu.Unlock()
	if gate != nil && d.calls(call, name) {
		<-gate
	}
}

func (d *hangingFolder) Create(name string) (file, error) {
	d.pass("create", name)
	f, err := d.folder.Create(name)
	return hangingFile{f, d, name}, err
}

func (d *hangingFolder) Open(name string) (file, error) {
	f, err := d.folder.Open(name)
	return hangingFile{f, d, name}, err
}

func (d *hangingFolder) Sync() error {
	d.pass("sync", "")
	return d.folder.Sync()
}

type hangingFile struct {
	file
	d    *hangingFolder
	name string
}

func (f hangingFile) WriteAt(b []byte, at int64) (int, error) {
	f.d.pass("write", f.name)
	return f.file.WriteAt(b, at)
}

func (f hangingFile) Sync() error {
	f.d.pass("sync", f.name)
	return f.file.Sync()
}

// TestDiskThatHangs has calls not return for a while, once the disk is in use: whoever appends, and every sink, goes on
// from memory; it is said since when the disk has not answered, and all is made safe when it does.
func TestDiskThatHangs(t *testing.T) {
	for name, about := range map[string]func(call, name string) bool{
		"all":      func(string, string) bool { return true },
		"writes":   func(call, name string) bool { return call == "write" && strings.HasSuffix(name, segmentSuffix) },
		"syncs":    func(call, _ string) bool { return call == "sync" },
		"a cursor": func(_, name string) bool { return name == cursorFile("keen") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testHang(t, &hangingFolder{folder: newMemFolder(), calls: about})
		})
	}
}

func testHang(t *testing.T, d *hangingFolder) {
	var buf lockedBuffer
	j := openOn(t, d, Options{Sync: time.Millisecond, Log: slog.New(slog.NewTextHandler(&buf, nil))})
	j.files.slowest = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	readers := map[string]*hangReader{}
	for _, sink := range []string{"keen", "other"} {
		r := &hangReader{j: j, sink: sink}
		r.pos, _ = j.Start(sink, "now")
		readers[sink] = r
		running.Go(func() { r.run(ctx, t) })
	}
	running.Go(func() { j.Run(ctx) })
	g, n := countGroup("a", 10), 0
	// all has more appended until it is as is wants it, and all of that be with both sinks.
	all := func(what string, is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			done := is()
			appendCount(t, j, g, n)
			n += 10
			for _, r := range readers {
				r.await(t, n)
			}
			if done {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: not so after a minute; failing %v\n%s", what, j.Failing(), buf.String())
			}
		}
	}
	all("on disk", func() bool { return j.synced() > 0 })
	d.hang()
	all("said", func() bool { return strings.Contains(buf.String(), "the disk has not answered since ") })
	if _, ok := errors.AsType[hangError](j.Failing()); !ok {
		t.Errorf("Failing = %v while the disk hangs", j.Failing())
	}
	all("still read", func() bool { return true })
	d.answer()
	all("well again", func() bool { return j.Failing() == nil && strings.Contains(buf.String(), "journal writes again") })
	for _, r := range readers {
		all("safe", func() bool { return j.synced() >= sinks.Pos(n-100) && j.safe(r.sink) >= sinks.Pos(n-100) })
	}
	cancel()
	running.Wait()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	again := openOn(t, d, Options{})
	for _, r := range readers {
		if p, _ := again.Start(r.sink, "now"); int(p) != n {
			t.Errorf("sink %s is at %d after a restart, want %d", r.sink, p, n)
		}
	}
	again.Close()
}

func (j *Journal) synced() sinks.Pos {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.files.synced
}

func (j *Journal) safe(sink string) sinks.Pos {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.cursors[sink].safe()
}

// hangReader reads and acknowledges as a forwarder does: an error of Ack is tried again with the next position.
type hangReader struct {
	j    *Journal
	sink string
	pos  sinks.Pos

	mu  sync.Mutex
	got int
}

func (r *hangReader) run(ctx context.Context, t *testing.T) {
	var v sinks.View
	for ctx.Err() == nil {
		next, err := r.j.Next(ctx, r.pos, sinks.Query{Sink: r.sink, Max: 1000, Flush: time.Millisecond}, &v)
		if err != nil {
			continue
		}
		if v.Lost > 0 {
			t.Errorf("sink %s lost %d samples", r.sink, v.Lost)
		}
		r.pos = next
		r.mu.Lock()
		r.got += v.Len()
		r.mu.Unlock()
		_ = r.j.Ack(r.sink, r.pos, sinks.Dealt{})
	}
}

// await returns when the sink has got n samples.
func (r *hangReader) await(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		r.mu.Lock()
		got := r.got
		r.mu.Unlock()
		switch {
		case got >= n:
			return
		case time.Now().After(deadline):
			t.Fatalf("sink %s got %d samples of %d", r.sink, got, n)
		}
	}
}
