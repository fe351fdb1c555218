package web

import (
	"slices"
	"testing"
)

func TestWorstFirst(t *testing.T) {
	c := &catalog{severity: []uint8{good, bad, uncertain, good, bad, uncertain}}
	if got := c.worstFirst([]uint32{0, 1, 2, 3, 5, 4}); !slices.Equal(got, []uint32{1, 4, 2, 5, 0, 3}) {
		t.Errorf("%v", got)
	}
	if got := c.worstFirst(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// TestWhatIsWrongIsOnTop asks in both orders, which are different lists.
func TestWhatIsWrongIsOnTop(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", "tag,address,type,scale,unit,min,max\ntemp,40001,int16,0.1,°C,,\nwarm,40001,int16,0.1,,4000,5000\ndoor,10001,,,,,\n")
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve()
	r.plant(addr, "")
	b := r.run()
	b.await("an uncertain value", func() bool { a := b.changes(""); return a.Good == 2 && a.Uncertain == 1 })
	byName, worst := b.changes("?order=name"), b.changes("?order=worst")
	if byName.names() != "plc/door plc/temp plc/warm" || worst.names() != "plc/warm plc/door plc/temp" || byName.List == worst.List {
		t.Errorf("by name %s, worst first %s", byName.names(), worst.names())
	}
	if byName.List != b.changes("").List {
		t.Error("by name is not what is answered to whoever does not say")
	}
	if part := b.changes("?order=worst&rows=0-0"); part.names() != "plc/warm" || part.Matching != 3 {
		t.Errorf("the first: %s of %d", part.names(), part.Matching)
	}
}
