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
	v := view(sinks.View{}, parts...)
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
	check(t, "bad and good", n.deliver(t, d, bad(97, 0, mapping.BadTimeout), at(98, 0, mapping.Int, 1), at(99, 0, mapping.Int, 2)),
		"DDATA d 3 | #1@97000 null Quality=1:3 3:0 | #1@98000 10:1 Quality=1:3 3:192 | #1@99000 10:2")
	uncertain := at(100, 0, mapping.Int, 3)
	uncertain.Quality = mapping.UncertainUnitsExceeded
	check(t, "uncertain", n.deliver(t, d, uncertain), "DDATA d 4 | #1@100000 10:3 Quality=1:3 3:192 StatusCode=1:7 4:1083441152")
	check(t, "death", n.deliver(t, own, at(101, 0, mapping.Bool, 0), d, bad(101, 0, mapping.BadNotConnected), own, at(160, 0, mapping.Bool, 0)),
		"DDEATH d 5", "NDATA 6 | #3@101000 14:0", "NDATA 7 | #3@160000 14:0")
	check(t, "back", n.deliver(t, own, at(170, 0, mapping.Bool, 1)))
	if n.Asks() != AskNow || n.Done() != 0 {
		t.Fatalf("asks %d at %d", n.Asks(), n.Done())
	}
	check(t, "birth", n.introduce(t, false, d, at(170, 0, mapping.Int, 9), bad(170, 1, mapping.BadTimeout), own, at(170, 0, mapping.Bool, 1)),
		"DBIRTH d 8 | t0#1@170000 type 3 10:9 Quality=1:3 3:192 | t1#2@170000 type 10 null Quality=1:3 3:0")
	check(t, "online", n.deliver(t, own, at(170, 0, mapping.Bool, 1)), "NDATA 9 | #3@170000 14:1")
}
