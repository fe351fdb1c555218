package replica

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
	"tagbridge/testrig/natsd"
)

// TestCopy has what is read be in the stream, over restarts of the member and of the server.
func TestCopy(t *testing.T) {
	for _, servers := range []int{1, 3} {
		t.Run(map[int]string{1: "one", 3: "three"}[servers], func(t *testing.T) {
			var list []*natsd.Server
			if servers == 1 {
				list = []*natsd.Server{natsd.New(t, "")}
			} else {
				list = natsd.Cluster(t, 3)
			}
			p := newPlant(t, list...)
			for round := range 3 {
				p.open(nil)
				p.read(50)
				p.copy()
				p.read(50)
				p.copied()
				p.whole(0)
				if round == 1 {
					list[0].Kill()
					p.read(50)
					list[0].Start(t)
					p.copied()
				}
				p.close()
			}
			c := p.whole(0)
			runs := map[uint64]bool{}
			for _, m := range c.messages {
				runs[m.Run] = true
			}
			if len(runs) != 3 {
				t.Errorf("%d runs in the stream, want 3", len(runs))
			}
		})
	}
}

func cursorOf(t *testing.T, l *store.Link, is uint64, sink string) (c Cursor, revision uint64) {
	t.Helper()
	e := valueAt(t, l, CursorKey("pc-a", is, sink))
	if e == nil {
		return c, 0
	}
	c, err := ParseCursor(e.Value())
	if err != nil {
		t.Fatal(err)
	}
	return c, e.Revision()
}

func valueAt(t *testing.T, l *store.Link, key string) jetstream.KeyValueEntry {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	kv, err := l.Bucket(ctx, CursorsConfig("line 3"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := kv.Get(ctx, key)
	if isNoKey(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestCursors has the places of sinks be in KV, and all be said at the end.
func TestCursors(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	p.open(nil)
	p.j.Start("other one", "start")
	p.copy()
	p.read(10)
	p.copied()
	p.ack("cloud", 30)
	is, err := p.j.Identity()
	if err != nil {
		t.Fatal(err)
	}
	l := p.link()
	await(t, "the place is there", func() bool { c, _ := cursorOf(t, l, is.ID, "cloud"); return c.Position == 30 })
	other := store.Key("other one")
	await(t, "that of the other one is there", func() bool { _, n := cursorOf(t, l, is.ID, other); return n > 0 })
	if c, _ := cursorOf(t, l, is.ID, other); c.Position != 0 || c.Sink != "other one" || c.Node != "pc-a" || c.By != "" {
		t.Errorf("the other one is at %+v", c)
	}
	_, revision := cursorOf(t, l, is.ID, "cloud")
	p.read(1)
	p.copied()
	p.j.Leave("other one")
	await(t, "the place of one that was taken out is gone", func() bool { _, n := cursorOf(t, l, is.ID, other); return n == 0 })
	if _, again := cursorOf(t, l, is.ID, "cloud"); again != revision {
		t.Errorf("what has not changed was written again")
	}
	p.read(7)
	p.ack("cloud", sinks.Pos(p.n-3))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p.sender.Finish(ctx)
	if ctx.Err() != nil {
		t.Fatal("it does not finish")
	}
	end, err := ParseEnd(valueAt(t, l, EndKey("pc-a", is.ID)).Value())
	if c, _ := cursorOf(t, l, is.ID, "cloud"); err != nil || !end.Stopped || int(end.Position) != p.n || int(end.Copied) != p.n || int(c.Position) != p.n-3 {
		t.Errorf("at the end: %+v, %v, cursor %+v", end, err, c)
	}
}

// TestCursorOfHeir has another member deliver for this one: what it has written stays until it is taken back.
func TestCursorOfHeir(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	p.open(nil)
	p.read(10)
	p.copy()
	p.copied()
	is, _ := p.j.Identity()
	l := p.link()
	await(t, "the place is there", func() bool { _, n := cursorOf(t, l, is.ID, "cloud"); return n > 0 })
	p.close()
	c, revision := cursorOf(t, l, is.ID, "cloud")
	c.By, c.Position = "pc-b", 20
	kv, err := l.Bucket(t.Context(), CursorsConfig("line 3"))
	if err != nil {
		t.Fatal(err)
	}
	key := CursorKey("pc-a", is.ID, "cloud")
	if revision, err = kv.Update(t.Context(), key, c.Bytes(), revision); err != nil {
		t.Fatal(err)
	}
	p.open(nil)
	p.copy()
	p.read(10)
	p.ack("cloud", 40)
	p.copied()
	await(t, "the end is written", func() bool {
		e, err := ParseEnd(valueAt(t, l, EndKey("pc-a", is.ID)).Value())
		return err == nil && int(e.Position) == p.n
	})
	if c, again := cursorOf(t, l, is.ID, "cloud"); again != revision || c.By != "pc-b" {
		t.Fatalf("it was written over: %+v", c)
	}
	c.By = ""
	if _, err = kv.Update(t.Context(), key, c.Bytes(), revision); err != nil {
		t.Fatal(err)
	}
	await(t, "it is this member's again", func() bool { c, _ := cursorOf(t, l, is.ID, "cloud"); return c.Position == 40 })
}

// TestTrim has what all sinks have go, and the rest stay.
func TestTrim(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	p.open(nil)
	p.read(100)
	p.copy()
	p.copied()
	p.close()
	half := p.n
	p.open(nil)
	p.copy()
	p.read(100)
	p.copied()
	p.ack("cloud", sinks.Pos(half-1))
	<-time.After(time.Second)
	p.whole(0)
	p.ack("cloud", sinks.Pos(half))
	l := p.link()
	await(t, "the first section is gone", func() bool { c := p.content(l); return int(c.messages[0].From) >= half })
	p.read(10)
	p.copied()
	p.whole(half)
}

// TestStreamDeleted has somebody delete the stream: what sinks still need is copied anew.
func TestStreamDeleted(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	p.open(nil)
	p.copy()
	p.read(50)
	p.copied()
	p.ack("cloud", 100)
	if err := p.link().JS.DeleteStream(t.Context(), p.sender.stream.Name); err != nil {
		t.Fatal(err)
	}
	p.read(50)
	p.copied()
	c := p.content(p.link())
	if first := c.messages[0].From; first > 100 {
		t.Errorf("it begins at %d, the sink is at 100", first)
	}
	p.whole(int(c.messages[0].From))
}

// TestForeign has a stream of that name that is somebody else's, and a message of somebody else in ours.
func TestForeign(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	l := p.link()
	name := store.Records("line 3", "pc-a")
	if _, err := l.JS.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{"something.else"}}); err != nil {
		t.Fatal(err)
	}
	p.open(nil)
	p.copy()
	p.read(50)
	await(t, "it says so", func() bool { return strings.Contains(p.sender.State().Error, "another's") })
	if err := l.JS.DeleteStream(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	p.copied()
	if _, err := l.JS.Publish(t.Context(), p.sender.stream.Subjects[0], []byte("hello")); err != nil {
		t.Fatal(err)
	}
	p.read(50)
	p.copied()
	s, err := l.JS.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var odd int
	for seq := uint64(1); seq <= s.CachedInfo().State.LastSeq; seq++ {
		raw, err := s.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(raw.Data); err != nil {
			odd++
			if err := s.DeleteMsg(t.Context(), seq); err != nil {
				t.Fatal(err)
			}
		}
	}
	if odd != 1 {
		t.Errorf("%d messages of others", odd)
	}
	p.whole(0)
}

// TestRestored has an older copy of the disk come back: it is another journal, which goes on from the one before.
func TestRestored(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	p.open(nil)
	p.copy()
	p.read(50)
	p.copied()
	old, _ := p.j.Identity()
	p.close()
	backup := t.TempDir()
	copyFolder(t, p.dir, backup)
	at := p.n
	p.open(nil)
	p.copy()
	p.read(20)
	p.copied()
	p.close()
	p.dir, p.n = backup, at
	p.open(nil)
	p.ack("cloud", 60)
	p.copy()
	p.read(30)
	p.copied()
	is, _ := p.j.Identity()
	if is.ID == old.ID || is.Origin != old.ID || int(is.First) != at {
		t.Fatalf("it is %+v, was %+v, opened at %d", is, old, at)
	}
	c := p.content(p.link())
	if got := c.values[is.ID]; len(c.values) != 2 || len(got) != p.n-int(firstOf(c, is.ID)) || firstOf(c, is.ID) > 60 {
		t.Errorf("%d journals, %d samples of the new one from %d on", len(c.values), len(got), firstOf(c, is.ID))
	}
	for _, m := range c.messages {
		if m.Journal == is.ID && (m.Origin != old.ID || int(m.First) != at) {
			t.Fatalf("a message has origin %x at %d", m.Origin, m.First)
		}
	}
}

func firstOf(c content, journal uint64) sinks.Pos {
	for _, m := range c.messages {
		if m.Journal == journal {
			return m.From
		}
	}
	return 0
}

// TestTwin has two processes copy to one stream: the earlier one goes silent, and goes on when the later one is gone.
func TestTwin(t *testing.T) {
	s := natsd.New(t, "")
	p, q := newPlant(t, s), newPlant(t, s)
	p.open(nil)
	p.copy()
	p.read(50)
	p.copied()
	q.open(nil)
	q.copy()
	q.read(50)
	q.copied()
	p.read(50)
	await(t, "the earlier one says so", func() bool { return p.sender.State().Error == errLater.Error() })
	q.read(50)
	q.copied()
	q.close()
	p.copied()
	c := p.content(p.link())
	if len(c.values) != 2 || c.silent+c.unknown > 0 {
		t.Errorf("%d journals, %d missing, %d unknown", len(c.values), c.silent, c.unknown)
	}
	for is, seen := range c.values {
		for i, v := range seen {
			if int(v) != i {
				t.Fatalf("journal %x has %d at %d", is, v, i)
			}
		}
	}
}

// TestAside has it keep still while it is told to.
func TestAside(t *testing.T) {
	p := newPlant(t, natsd.New(t, ""))
	why := make(chan string, 1)
	why <- "there is another one"
	p.aside = func() string {
		w := <-why
		why <- w
		return w
	}
	p.open(nil)
	p.copy()
	p.read(50)
	await(t, "it says so", func() bool { return p.sender.State().Error == "there is another one" })
	<-why
	why <- ""
	p.copied()
	p.whole(0)
}

// TestNoJetStream has a server without it, and none at all.
func TestNoJetStream(t *testing.T) {
	plain := natsd.Plain(t, "")
	p := newPlant(t, plain)
	p.open(nil)
	p.copy()
	p.read(50)
	await(t, "it says so", func() bool { return strings.Contains(p.sender.State().Error, "no JetStream") })
	if s := p.sender.State(); s.Behind == 0 || s.Copied != 0 {
		t.Errorf("State = %+v", s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	p.sender.Finish(ctx)
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Error("it has finished without")
	}
	p.close()
}
