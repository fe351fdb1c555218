package reckon

import (
	"testing"
	"time"

	"tagbridge/mapping"
)

// TestLeaveAndEnter has what is reckoned of a device that another bridge reads for a while take nothing meanwhile, give nothing of it, and
// begin anew: its first window is one of which a part is missing, its total begins at 0, and its alarm is told again.
func TestLeaveAndEnter(t *testing.T) {
	second := int64(time.Second)
	g := groupOf("d", "x")
	window := specs(t)[1]
	list := []Spec{
		{Device: "d", Tag: "total", Input: "d/x", Machine: NewTotal(&mapping.Reckoned{Total: mapping.CounterTotal}, 0), Key: "1"},
		{Device: "d", Tag: "x.alarm", Input: "d/x", Machine: NewAlarm(ruleAt(80, 0), true), Key: "2"},
		{Device: "hall", Tag: "w", Formula: compile(t, "d/x"), Machine: window.Machine, Key: "3"},
	}
	r := New(list)
	before := r.AppendState(nil)
	at := int64(1_700_000_000) * second
	var b mapping.Batch
	put := func(v float64) {
		at += second
		fill(&b, g, at, v)
		r.Put(&b)
	}
	given := func() map[string]float64 {
		found := map[string]float64{}
		values, _ := r.Take(at)
		for _, v := range values {
			found[r.Spec(v.Tag).Tag] = v.Number
		}
		r.Taken()
		return found
	}
	put(90)
	put(95)
	if v := given(); v["total"] != 5 || v["x.alarm"] == 0 {
		t.Fatalf("given %v", v)
	}
	put(99)
	r.Leave(map[string]bool{"d": true, "hall": true})
	put(100) // read just before
	r.Tick(at + 48*3600*second)
	if v := given(); len(v) > 0 {
		t.Errorf("given %v of what another one reads", v)
	}
	r.Enter(map[string]bool{"d": true})
	if r.byName["d/x"].in.Read() {
		t.Error("what was read before is taken for a present value")
	}
	put(85)
	if v := given(); len(v) != 2 || v["total"] != 0 || v["x.alarm"] == 0 {
		t.Errorf("given %v once it is read here again", v)
	}
	r.Leave(map[string]bool{"d": true})
	r.newest = 0
	if after := r.AppendState(nil); string(after[1:]) != string(before[1:]) {
		t.Errorf("the state of what is read elsewhere is\n%x\nnot the first one,\n%x", after, before)
	}
}
