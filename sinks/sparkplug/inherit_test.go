package sparkplug

import (
	"testing"
	"time"

	"tagbridge/mapping"
)

// unread is what a tag has that was never read here.
func unread(i uint16) mapping.Sample {
	return mapping.Sample{Index: i, Quality: mapping.BadWaitingForInitialData}
}

// TestInherited has a node publish what another bridge left of a device that it reads itself: all of that is history, also what is newer
// than what this one has read, and what is live afterwards is as if nothing had come in between.
func TestInherited(t *testing.T) {
	n := rig(nil)
	d, own := group("d", mapping.Int), ownOf("d")
	n.introduce(t, true, d, at(90, 0, mapping.Int, 5), own, at(89, 0, mapping.Bool, 1))
	check(t, "inherited", n.inherit(t, d, at(80, 0, mapping.Int, 1), at(95, 0, mapping.Int, 2), own, at(96, 0, mapping.Bool, 0)),
		"DDATA d 2 | #1@80000 hist 10:1 | #1@95000 hist 10:2", "NDATA 3 | #2@96000 hist 14:0")
	check(t, "live", n.deliver(t, d, at(91, 0, mapping.Int, 6), bad(92, 0, mapping.BadTimeout)),
		"DDATA d 4 | #1@91000 10:6 | #1@92000 null Quality=1:3 3:0")
	check(t, "inherited while it is bad", n.inherit(t, d, bad(82, 0, mapping.BadTimeout), at(83, 0, mapping.Int, 3)),
		"DDATA d 5 | #1@82000 hist null Quality=1:3 3:0 | #1@83000 hist 10:3 Quality=1:3 3:192")
	check(t, "it is bad still", n.deliver(t, d, bad(93, 0, mapping.BadTimeout)))
	check(t, "live again", n.deliver(t, d, at(94, 0, mapping.Int, 7)), "DDATA d 6 | #1@94000 10:7 Quality=1:3 3:192")
}

// TestInheritedOfOthers has a node publish what another bridge left of devices that it never had: one that a third one reads now, and one
// that is not in its configuration. They are born, all of it is history, and they die a while after. None is refused.
func TestInheritedOfOthers(t *testing.T) {
	now := time.Unix(100, 0)
	n := rig(func(o *Options) { o.Now = func() time.Time { return now } })
	d, unknown := group("d", mapping.Int), group("u", mapping.Int)
	present := []any{d, unread(0)}
	check(t, "births", n.introduce(t, true, present...), "NBIRTH 0 | Devices/d/online#2@100000 type 11 null Quality=1:3 3:500 | "+
		"Devices/d/latency_ms#3@100000 type 10 null engUnit=1:12 8:\"ms\" Quality=1:3 3:500 | bdSeq#0@100000 type 4 11:0 | "+rebirth)
	rest := []any{d, at(80, 0, mapping.Int, 1), at(81, 0, mapping.Int, 2)}
	check(t, "not yet", n.inherit(t, rest...))
	if n.Asks() != AskNow {
		t.Fatalf("asks %d", n.Asks())
	}
	check(t, "it is born", n.introduce(t, false, present...), "DBIRTH d 1 | t0#1@100000 type 3 null Quality=1:3 3:500")
	check(t, "inherited", n.inherit(t, rest...), "DDATA d 2 | #1@80000 hist 10:1 Quality=1:3 3:192 | #1@81000 hist 10:2 Quality=1:3 3:192")
	if !n.Bury() {
		t.Error("nobody lingers")
	}
	now = now.Add(time.Second)
	n.Bury()
	check(t, "a second after", n.deliver(t), "DDEATH d 3")

	rest = []any{unknown, at(82, 0, mapping.Int, 3)}
	n.inherit(t, rest...)
	births := n.introduce(t, false, present...)
	if len(births) != 2 || births[1] != "DBIRTH u 1 | t0#4@101000 type 3 null Quality=1:3 3:500" {
		t.Errorf("births %q", births)
	}
	check(t, "of an unknown one", n.inherit(t, rest...), "DDATA u 2 | #4@82000 hist 10:3 Quality=1:3 3:192")
	now = now.Add(time.Second)
	n.Bury()
	check(t, "a second after", n.deliver(t), "DDEATH u 3")
	if len(n.Unfit()) > 0 {
		t.Errorf("%d were refused", len(n.Unfit()))
	}
}

// TestInheritedThenRead has a bridge read a device itself that was born for what another one left: it does not die.
func TestInheritedThenRead(t *testing.T) {
	now := time.Unix(100, 0)
	n := rig(func(o *Options) { o.Now = func() time.Time { return now } })
	d := group("d", mapping.Int)
	n.introduce(t, true, d, unread(0))
	rest := []any{d, at(80, 0, mapping.Int, 1)}
	n.inherit(t, rest...)
	n.introduce(t, false, d, unread(0))
	n.inherit(t, rest...)
	check(t, "live", n.deliver(t, d, at(100, 0, mapping.Int, 9)), "DDATA d 3 | #1@100000 10:9 Quality=1:3 3:192")
	now = now.Add(time.Minute)
	if n.Bury() {
		t.Error("it lingers")
	}
	check(t, "a minute later", n.deliver(t))
}
