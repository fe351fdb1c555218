package modbus

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tagbridge/mapping"
)

// wantBad checks that the tags at the given indices, and only they, have quality q.
func wantBad(t *testing.T, got []mapping.Quality, q mapping.Quality, indices ...int) {
	t.Helper()
	for i, g := range got {
		want := mapping.Good
		if slices.Contains(indices, i) {
			want = q
		}
		if g != want {
			t.Errorf("quality of tag %d = %v, want %v", i, g, want)
		}
	}
}

func TestRefusedTagAlone(t *testing.T) {
	for _, test := range []struct {
		e Exception
		q mapping.Quality
	}{
		{IllegalDataAddress, mapping.BadConfigurationError},
		{IllegalDataValue, mapping.BadOutOfRange},
		{DeviceFailure, mapping.BadDeviceFailure},
		{MemoryParityError, mapping.BadDeviceFailure},
		{Exception(99), mapping.BadDeviceFailure},
	} {
		t.Run(test.e.Error(), func(t *testing.T) {
			p := planOf(Limits{}, words(0, 1, 2, 3, 4, 5, 6, 7)...)
			u := newUnit()
			u.refuse = illegal(test.e, 5)
			wantBad(t, u.poll(t, p), test.q, 5)
			if u.refused != 4 || len(u.asked) != 7 {
				t.Errorf("first round: %d of %d requests refused, want 4 of 7: %v", u.refused, len(u.asked), u.asked)
			}
			for range 3 {
				wantBad(t, u.poll(t, p), test.q, 5)
				if want := "3:0+5, 3:6+2"; u.refused != 0 || requests(p) != want {
					t.Errorf("later round: %d refused, requests %s, want none, %s", u.refused, requests(p), want)
				}
			}
			want := fmt.Sprintf("map.csv:7: %v: unit 1, function 3, holding 5", test.e)
			if got := p.Err(5); got != want {
				t.Errorf("Err = %q, want %q", got, want)
			}
			if got := p.Err(4); got != "" {
				t.Errorf("Err of a tag that was read = %q", got)
			}
		})
	}
}

func TestWordAndItsBitsRefusedTogether(t *testing.T) {
	bit := register(1, mapping.TypeBool)
	bit.Address.Part = mapping.Bit
	p := planOf(Limits{}, append(words(0, 1, 2), bit)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 1)
	wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 1, 3)
}

func TestOverlappingRefused(t *testing.T) {
	p := planOf(Limits{}, register(0, mapping.TypeUint32), register(0, mapping.TypeUint16), register(1, mapping.TypeUint16))
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 1)
	for range 2 {
		wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 0, 2)
	}
	if u.refused != 0 {
		t.Errorf("second round: %d requests refused", u.refused)
	}
}

func TestRefusedTagIsNotReadOver(t *testing.T) {
	p := planOf(Limits{MaxGap: 16}, words(0, 1, 2, 3, 4)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 1, 3)
	u.poll(t, p)
	wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 1, 3)
	if want := "3:0+1, 3:2+1, 3:4+1"; requests(p) != want || u.refused != 0 {
		t.Errorf("requests = %s, %d refused, want %s", requests(p), u.refused, want)
	}
	u.now = u.now.Add(firstPause)
	u.poll(t, p)
	if len(u.asked) != 5 || u.refused != 2 || u.asked[3].address != 1 || u.asked[4].address != 3 {
		t.Errorf("when due: requests %v, want each of the refused alone", u.asked)
	}
}

func TestHoleInGap(t *testing.T) {
	p := planOf(Limits{MaxGap: 16}, words(0, 10, 13, 20)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 12)
	for range 3 {
		wantBad(t, u.poll(t, p), mapping.Good)
	}
	if want := "3:0+11 waste 9, 3:13+8 waste 6"; requests(p) != want || u.refused != 0 {
		t.Errorf("requests = %s, %d refused, want %s", requests(p), u.refused, want)
	}
	// The gap is tried again, in case it was the device's mood.
	u.now = u.now.Add(firstPause)
	wantBad(t, u.poll(t, p), mapping.Good)
	if u.refused != 1 || len(u.asked) != 3 {
		t.Errorf("when due: requests %v, %d refused, want the whole refused and its parts read", u.asked, u.refused)
	}
	u.poll(t, p)
	u.now = u.now.Add(firstPause)
	if u.poll(t, p); u.refused != 0 {
		t.Errorf("gap tried again after the first pause: %v", u.asked)
	}
	u.now = u.now.Add(firstPause)
	u.refuse = func(request) Exception { return 0 }
	u.poll(t, p)
	if want := "3:0+21 waste 17"; requests(p) != want {
		t.Errorf("requests = %s, want %s", requests(p), want)
	}
}

func TestLargestBlockOfDevice(t *testing.T) {
	var numbers []int
	for n := range 100 {
		numbers = append(numbers, n)
	}
	p := planOf(Limits{}, words(numbers...)...)
	u := newUnit()
	u.refuse = func(r request) Exception {
		if r.count > 30 {
			return IllegalDataValue
		}
		return 0
	}
	for range 5 {
		wantBad(t, u.poll(t, p), mapping.Good)
	}
	if u.refused != 0 || len(u.asked) != 4 {
		t.Errorf("%d requests of which %d refused, want 4: %v", len(u.asked), u.refused, u.asked)
	}
}

func TestRetryPauses(t *testing.T) {
	p := planOf(Limits{}, words(0, 1, 2)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 1)
	u.poll(t, p)
	begin := u.now
	var tried []time.Duration
	for len(tried) < 9 {
		u.now = u.now.Add(time.Second)
		wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 1)
		if u.refused == 0 {
			continue
		}
		tried = append(tried, u.now.Sub(begin))
		if last := u.asked[len(u.asked)-1]; u.refused != 1 || last.address != 1 || last.count != 1 {
			t.Fatalf("retry: requests %v of which %d refused, want the refused tag alone", u.asked, u.refused)
		}
	}
	want := []time.Duration{10, 30, 70, 150, 310, 630, 1230, 1830, 2430}
	for i := range want {
		if want[i] *= time.Second; tried[i] != want[i] {
			t.Fatalf("tried again at %v, want %v", tried, want)
		}
	}
	if len(u.changes) != 1 {
		t.Errorf("%d changes to log, want one: %v", len(u.changes), u.changes)
	}
}

func TestRefusedTagReturns(t *testing.T) {
	p := planOf(Limits{}, words(0, 1, 2)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 1)
	u.poll(t, p)
	u.refuse = func(request) Exception { return 0 }
	wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 1)
	u.now = u.now.Add(firstPause)
	wantBad(t, u.poll(t, p), mapping.Good)
	wantBad(t, u.poll(t, p), mapping.Good)
	if len(u.asked) != 1 || p.Err(1) != "" {
		t.Errorf("requests %v, Err %q, want one block as before", u.asked, p.Err(1))
	}
	if len(u.changes) != 2 || u.changes[0].err == "" || u.changes[1].err != "" || u.changes[1].tag.Name != "uint16 1" {
		t.Errorf("changes to log: %v, want refused and answered", u.changes)
	}
}

func TestReconnectTriesAtOnce(t *testing.T) {
	p := planOf(Limits{}, words(0, 1, 2)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 1)
	u.poll(t, p)
	u.epoch++
	wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 1)
	if u.refused != 1 {
		t.Errorf("after a reconnect: requests %v, %d refused, want the refused tag tried", u.asked, u.refused)
	}
	u.epoch++
	if u.poll(t, p); u.refused != 0 {
		t.Errorf("after another reconnect at once: requests %v", u.asked)
	}
	u.now = u.now.Add(firstPause)
	u.refuse = func(request) Exception { return 0 }
	wantBad(t, u.poll(t, p), mapping.Good)
}

func TestFunctionNotSupported(t *testing.T) {
	tags := words(0, 1, 50, 100)
	tags = append(tags, inTable(mapping.Input, 0), inTable(mapping.Input, 100), inTable(mapping.Input, 200))
	p := planOf(Limits{}, tags...)
	u := newUnit()
	u.refuse = func(r request) Exception {
		if r.function == readInput {
			return IllegalFunction
		}
		return 0
	}
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 4, 5, 6)
	if len(u.asked) != 5 || len(u.changes) != 1 || u.changes[0].function != readInput {
		t.Errorf("requests %v, changes %v, want two requests of function 4 and one change", u.asked, u.changes)
	}
	if want := "map.csv:202: illegal function (exception 1): unit 1, function 4, input 0"; p.Err(6) != want {
		t.Errorf("Err = %q, want %q", p.Err(6), want)
	}
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 4, 5, 6)
	if len(u.asked) != 3 {
		t.Errorf("second round asks %v", u.asked)
	}
	u.now = u.now.Add(firstPause)
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 4, 5, 6)
	if len(u.asked) != 4 {
		t.Errorf("when due: asks %v, want one request of function 4", u.asked)
	}
	u.now = u.now.Add(2 * firstPause)
	u.refuse = func(request) Exception { return 0 }
	wantBad(t, u.poll(t, p), mapping.Good)
	if len(u.changes) != 2 || u.changes[1].err != "" {
		t.Errorf("changes %v, want the return as one", u.changes)
	}
}

func TestFunctionReturnsWithoutOneTag(t *testing.T) {
	p := planOf(Limits{}, words(0, 1, 2)...)
	u := newUnit()
	u.refuse = func(request) Exception { return IllegalFunction }
	u.poll(t, p)
	u.now = u.now.Add(firstPause)
	u.refuse = illegal(IllegalDataAddress, 1)
	wantBad(t, u.poll(t, p), mapping.BadConfigurationError, 1)
	if len(u.changes) != 3 || u.changes[1].err != "" || u.changes[2].tag == nil || u.changes[2].err == "" {
		t.Errorf("changes %v, want the function gone, back, and the tag refused", u.changes)
	}
}

func TestIllegalFunctionOfOneAddress(t *testing.T) {
	p := planOf(Limits{}, words(0, 1, 100)...)
	u := newUnit()
	u.poll(t, p)
	u.refuse = illegal(IllegalFunction, 1)
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 1)
}

func TestRefusesEverything(t *testing.T) {
	var numbers []int
	for n := range 1000 {
		numbers = append(numbers, n)
	}
	p := planOf(Limits{}, words(numbers...)...)
	u := newUnit()
	u.refuse = func(request) Exception { return DeviceFailure }
	for range 20 {
		for i, q := range u.poll(t, p) {
			if q != mapping.BadDeviceFailure {
				t.Fatalf("quality of tag %d = %v", i, q)
			}
		}
		if len(u.asked) > 2*maxSplits+16 {
			t.Fatalf("%d requests in one round", len(u.asked))
		}
	}
	if len(u.asked) != 0 {
		t.Errorf("%d requests in a round with nothing due", len(u.asked))
	}
	u.epoch++
	u.refuse = func(request) Exception { return 0 }
	wantBad(t, u.poll(t, p), mapping.Good)
	if len(u.asked) != 8 {
		t.Errorf("%d requests after the reconnect, want 8", len(u.asked))
	}
}

func TestSilentUnitIsAskedSomething(t *testing.T) {
	p := planOf(Limits{}, words(0, 1)...)
	u := newUnit()
	u.refuse = func(request) Exception { return IllegalDataAddress }
	u.poll(t, p)
	if u.poll(t, p); len(u.asked) != 0 {
		t.Fatalf("round with nothing due asks %v", u.asked)
	}
	u.epoch++
	u.poll(t, p) // tries all
	u.epoch++
	if u.poll(t, p); len(u.asked) != 1 {
		t.Errorf("round after the next reconnect asks %v, want one request", u.asked)
	}
	u.silent = true
	if u.poll(t, p); len(u.asked) != 1 {
		t.Errorf("round of a silent unit asks %v, want one request: no answer must not look like one", u.asked)
	}
}
