package sparkplug

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// rig is a node whose clock stands at 100 s.
func rig(change func(*Options)) *Node {
	o := Options{Group: "G", Node: "E", Aliases: true, Now: func() time.Time { return time.Unix(100, 0) }}
	if change != nil {
		change(&o)
	}
	return NewNode(o)
}

func (n *Node) introduce(t *testing.T, all_ bool, parts ...any) []string {
	t.Helper()
	n.Introduce(view(sinks.Introduction(), parts...), all_)
	out := lines(all(t, n))
	if n.Asks() != 0 {
		t.Error("an introduction asks for another")
	}
	return out
}

// deliver sends samples, and wants all of them dealt with, unless the node asks.
func (n *Node) deliver(t *testing.T, parts ...any) []string {
	t.Helper()
	return n.send(t, view(sinks.View{}, parts...))
}

// inherit is deliver of what another bridge left.
func (n *Node) inherit(t *testing.T, parts ...any) []string {
	t.Helper()
	return n.send(t, view(sinks.Bequeathed(), parts...))
}

func (n *Node) send(t *testing.T, v *sinks.View) []string {
	t.Helper()
	n.Deliver(v)
	out := lines(all(t, n))
	if n.Asks() == 0 && n.Done() != v.Len() {
		t.Errorf("%d of %d samples done", n.Done(), v.Len())
	}
	return out
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

const (
	// Fields by number: 10 is int_value, 11 long_value, 13 double_value, 14 boolean_value.
	bdSeq   = "bdSeq#0@100000 type 4 11:7"
	rebirth = "Node Control/Rebirth#0@100000 type 11 14:0"
)

func TestLifeOfADevice(t *testing.T) {
	n := rig(nil)
	n.Begin(7)
	d, own := group("d", mapping.Int, mapping.None), ownOf("d")
	check(t, "births", n.introduce(t, true, d, at(90, 0, mapping.Int, 5), at(91, 1, mapping.F64, 0), own, at(95, 0, mapping.Bool, 1)),
		"NBIRTH 0 | Devices/d/online#3@95000 type 11 14:1 | Devices/d/latency_ms#4@100000 type 10 null engUnit=1:12 8:\"ms\" Quality=1:3 3:500 | "+bdSeq+" | "+rebirth,
		"DBIRTH d 1 | t0#1@90000 type 3 10:5 | t1#2@91000 type 10 13:0")
	check(t, "backlog, then live", n.deliver(t, d, at(80, 0, mapping.Int, 4), at(90, 0, mapping.Int, 5), at(96, 0, mapping.Int, ^uint64(0))),
		"DDATA d 2 | #1@80000 hist 10:4 | #1@90000 hist 10:5 | #1@96000 10:4294967295")
	check(t, "bad and good", n.deliver(t, d, bad(97, 0, mapping.BadTimeout), bad(97, 0, mapping.BadNotConnected), at(98, 0, mapping.Int, 1), at(99, 0, mapping.Int, 2)),
		"DDATA d 3 | #1@97000 null Quality=1:3 3:0 | #1@98000 10:1 Quality=1:3 3:192 | #1@99000 10:2")
	uncertain := at(100, 0, mapping.Int, 3)
	uncertain.Quality = mapping.UncertainUnitsExceeded
	check(t, "uncertain", n.deliver(t, d, uncertain), "DDATA d 4 | #1@100000 10:3 Quality=1:3 3:192 StatusCode=1:7 4:1083441152")
	check(t, "death", n.deliver(t, own, at(101, 0, mapping.Bool, 0), d, bad(101, 0, mapping.BadNotConnected), own, at(160, 0, mapping.Bool, 0)),
		"DDEATH d 5", "NDATA 6 | #3@101000 14:0")
	check(t, "back", n.deliver(t, own, at(170, 0, mapping.Bool, 1)))
	if n.Asks() != AskNow || n.Done() != 0 {
		t.Fatalf("asks %d at %d", n.Asks(), n.Done())
	}
	check(t, "birth", n.introduce(t, false, d, at(170, 0, mapping.Int, 9), bad(170, 1, mapping.BadTimeout), own, at(170, 0, mapping.Bool, 1)),
		"DBIRTH d 7 | t0#1@170000 type 3 10:9 Quality=1:3 3:192 | t1#2@170000 type 10 null Quality=1:3 3:0")
	check(t, "online", n.deliver(t, own, at(170, 0, mapping.Bool, 1)), "NDATA 8 | #3@170000 14:1")
}

// TestDiedMeanwhile has a device be dead when a session begins, with history of before: it lives for that, and no longer.
func TestDiedMeanwhile(t *testing.T) {
	n := rig(nil)
	d, own := group("d", mapping.Int), ownOf("d")
	births := n.introduce(t, true, d, bad(95, 0, mapping.BadNotConnected), own, at(99, 0, mapping.Bool, 0))
	if len(births) != 1 {
		t.Errorf("births %q", births)
	}
	backlog := []any{d, at(50, 0, mapping.Int, 1), at(51, 0, mapping.Int, 2), own, at(52, 0, mapping.Bool, 0), d, bad(53, 0, mapping.BadNotConnected)}
	check(t, "backlog", n.deliver(t, backlog...))
	if n.Asks() != AskNow {
		t.Fatal("it does not ask")
	}
	check(t, "birth", n.introduce(t, false, d, bad(95, 0, mapping.BadNotConnected), own, at(99, 0, mapping.Bool, 0)),
		"DBIRTH d 1 | t0#1@95000 type 3 null Quality=1:3 3:0")
	check(t, "history", n.deliver(t, backlog...),
		"DDATA d 2 | #1@50000 hist 10:1 Quality=1:3 3:192 | #1@51000 hist 10:2", "DDEATH d 3", "NDATA 4 | #2@52000 hist 14:0")
}

// TestLingering has a device whose death came before the last of its history die a while after that.
func TestLingering(t *testing.T) {
	now := time.Unix(100, 0)
	n := rig(func(o *Options) { o.Now = func() time.Time { return now } })
	d, own := group("d", mapping.Int), ownOf("d")
	present := []any{d, bad(95, 0, mapping.BadNotConnected), own, at(99, 0, mapping.Bool, 0)}
	n.introduce(t, true, present...)
	n.deliver(t, d, at(50, 0, mapping.Int, 1))
	n.introduce(t, false, present...)
	n.deliver(t, d, at(50, 0, mapping.Int, 1))
	if !n.Bury() {
		t.Error("nobody lingers")
	}
	check(t, "at once", n.deliver(t))
	now = now.Add(time.Second)
	if n.Bury() {
		t.Error("somebody lingers on")
	}
	check(t, "a second after", n.deliver(t), "DDEATH d 3")
}

// TestUnknownMeanwhile has a bridge start anew of which a device was dead before: it lives for its history up to that death, as
// nothing is known of it since, and again when it answers.
func TestUnknownMeanwhile(t *testing.T) {
	n := rig(nil)
	d, own := group("d", mapping.Int), ownOf("d")
	unread := []any{d, bad(0, 0, mapping.BadWaitingForInitialData)}
	n.introduce(t, true, unread...)
	backlog := []any{d, at(50, 0, mapping.Int, 1), own, at(52, 0, mapping.Bool, 0), d, bad(53, 0, mapping.BadNotConnected)}
	n.deliver(t, backlog...)
	n.introduce(t, false, unread...)
	// Whether the bridge has said before that the device is online is not known in this session: that is no history.
	check(t, "history", n.deliver(t, backlog...), "DDATA d 2 | #1@50000 10:1 Quality=1:3 3:192", "DDEATH d 3", "NDATA 4 | #2@52000 14:0 Quality=1:3 3:192")
	n.deliver(t, own, at(101, 0, mapping.Bool, 1))
	n.deliver(t, d, at(101, 0, mapping.Int, 2))
	if n.Asks() != AskNow {
		t.Error("it does not ask")
	}
	if births := n.introduce(t, false, d, at(101, 0, mapping.Int, 2), own, at(102, 0, mapping.Bool, 1)); len(births) != 1 {
		t.Errorf("births %q", births)
	}
}

// TestLingeringOn has a device that lived for its history die a while after that although it goes on being bad, but not before
// its history has begun.
func TestLingeringOn(t *testing.T) {
	now := time.Unix(100, 0)
	n := rig(func(o *Options) { o.Now = func() time.Time { return now } })
	d, own := group("d", mapping.Int), ownOf("d")
	present := []any{d, bad(95, 0, mapping.BadNotConnected), own, at(99, 0, mapping.Bool, 0)}
	n.introduce(t, true, present...)
	n.deliver(t, d, at(50, 0, mapping.Int, 1))
	n.introduce(t, false, present...)
	if !n.Bury() {
		t.Error("nobody lingers")
	}
	check(t, "history", n.deliver(t, d, at(50, 0, mapping.Int, 1), bad(51, 0, mapping.BadNotConnected)),
		"DDATA d 2 | #1@50000 hist 10:1 Quality=1:3 3:192 | #1@51000 hist null Quality=1:3 3:0")
	now = now.Add(time.Second)
	check(t, "more of the same", n.deliver(t, d, bad(60, 0, mapping.BadNotConnected)))
	n.Bury()
	check(t, "a second after", n.deliver(t), "DDEATH d 3")
}

// TestGoneMeanwhile has a device be gone from the configuration when a session begins, with history of before.
func TestGoneMeanwhile(t *testing.T) {
	n := rig(nil)
	d := group("d", mapping.Int, mapping.Int)
	n.introduce(t, true)
	v := []any{d, at(50, 0, mapping.Int, 1), at(50, 1, mapping.Int, 1), at(51, 0, mapping.Int, 2), bad(52, 0, mapping.BadOutOfService), bad(52, 1, mapping.BadOutOfService)}
	check(t, "unknown", n.deliver(t, v...))
	births := n.introduce(t, false)
	if len(births) != 2 || births[1] != "DBIRTH d 1 | t0#1@100000 type 3 null Quality=1:3 3:500 | t1#2@100000 type 3 null Quality=1:3 3:500" {
		t.Errorf("births %q", births)
	}
	check(t, "history", n.deliver(t, v...),
		"DDATA d 2 | #1@50000 hist 10:1 Quality=1:3 3:192 | #2@50000 hist 10:1 Quality=1:3 3:192 | #1@51000 hist 10:2 | #1@52000 hist null Quality=1:3 3:0",
		"DDATA d 3 | #2@52000 hist null Quality=1:3 3:0", "DDEATH d 4")
}

// TestTypesThatChange has a tag of unknown type become what its values are, and one whose values change in type hold all of them.
func TestTypesThatChange(t *testing.T) {
	n := rig(nil)
	d := group("d", mapping.None)
	n.introduce(t, true, d, bad(90, 0, mapping.BadTimeout))
	for i, c := range []struct {
		s    mapping.Sample
		want string
	}{
		{at(91, 0, mapping.Int, 7), "type 3 10:7"},
		{at(92, 0, mapping.Int, 1<<40), "type 4 11:1099511627776"},
		{at(93, 0, mapping.F64, 0), "type 10 13:0"},
		{at(94, 0, mapping.Bool, 1), `type 12 15:"true"`},
	} {
		n.deliver(t, d, c.s)
		if n.Asks() != AskType {
			t.Fatalf("step %d: asks %d", i, n.Asks())
		}
		births := n.introduce(t, false, d, c.s)
		if len(births) != 1 || !strings.Contains(births[0], c.want) {
			t.Errorf("step %d: %q, want %s", i, births, c.want)
		}
	}
}

// TestUnordered has what is no history go out in the order of its times, and each series in its own.
func TestUnordered(t *testing.T) {
	n := rig(nil)
	d := group("d", mapping.Int, mapping.Int)
	n.introduce(t, true, d, at(10, 0, mapping.Int, 0), at(10, 1, mapping.Int, 0))
	check(t, "data", n.deliver(t, d, at(13, 0, mapping.Int, 1), at(11, 1, mapping.Int, 2), at(14, 0, mapping.Int, 3), at(12, 1, mapping.Int, 4)),
		"DDATA d 2 | #2@11000 10:2 | #2@12000 10:4 | #1@13000 10:1 | #1@14000 10:3")
}
