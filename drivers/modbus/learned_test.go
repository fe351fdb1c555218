package modbus

import (
	"reflect"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// holed is a unit without the registers between two tags that a plan would join.
func holed() (*plc.Unit, []*mapping.Tag) {
	tags := []*mapping.Tag{register(0, mapping.TypeInt16), register(1, mapping.TypeInt16), register(8, mapping.TypeInt16)}
	u := plc.NewUnit(plc.UnitOptions{Tags: tags, MaxGap: 1})
	u.Freeze()
	return u, tags
}

// What splitting found out shapes the blocks of the next start from its first request on, and a tag that was refused
// is tried all the same.
func TestLearned(t *testing.T) {
	u, tags := holed()
	units := map[int]*plc.Unit{1: u}
	link := openBus(t, serveBus(t, "rtuovertcp", plc.LineOptions{Units: units}))
	job := jobOf(tags, time.Second)
	if bad := readPLC(t, u, link, job); bad > 0 {
		t.Fatalf("%d tags are bad", bad)
	}
	learned := job.Work.(*Plan).Learned()
	if want := []Cut{{Function: readHolding, Address: 8, Hole: 6, Largest: 2}}; !reflect.DeepEqual(learned, want) {
		t.Fatalf("Learned = %+v, want %+v", learned, want)
	}

	next := append(tags, register(3, mapping.TypeInt16)) // which the unit does not have
	job = jobOf(next, time.Second)
	job.Work.(*Plan).Recall(learned, time.Now())
	u.ForgetRequests()
	link = openBus(t, serveBus(t, "rtuovertcp", plc.LineOptions{Units: units}))
	if bad := readPLC(t, u, link, job); bad != 1 {
		t.Errorf("%d tags are bad, want the one that does not exist", bad)
	}
	asked := map[uint16]bool{}
	for _, q := range u.Requests() {
		if int(q.First) < 8 && int(q.First)+int(q.Count) > 8 {
			t.Errorf("asked for %d registers from %d on although that was refused before", q.Count, q.First)
		}
		asked[q.First] = true
	}
	if !asked[3] {
		t.Error("the new tag was not tried")
	}
}

// A cut is put to the test after a while, and forgotten when the device has changed.
func TestLearnedForgotten(t *testing.T) {
	_, tags := holed()
	u := plc.NewUnit(plc.UnitOptions{Tags: tags, MaxGap: 16}) // the hole has been filled
	u.Freeze()
	now := time.Now()
	o := serveBus(t, "rtuovertcp", plc.LineOptions{Units: map[int]*plc.Unit{1: u}})
	o.Now = func() time.Time { return now }
	link := openBus(t, o)
	job := jobOf(tags, time.Second)
	p := job.Work.(*Plan)
	p.Recall([]Cut{{Function: readHolding, Address: 8, Hole: 6}, {Function: readInput, Address: 8}}, now)
	if got := p.Learned(); len(got) != 1 {
		t.Errorf("Learned = %+v, want what is about tags that there are", got)
	}
	readPLC(t, u, link, job)
	if got := p.Learned(); len(got) != 1 {
		t.Errorf("Learned = %+v right after the start", got)
	}
	now = now.Add(lastPause)
	readPLC(t, u, link, job)
	if got := p.Learned(); len(got) != 0 {
		t.Errorf("Learned = %+v although the block was answered", got)
	}
}
