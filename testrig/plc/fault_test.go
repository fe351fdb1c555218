package plc

import (
	"fmt"
	"testing"
	"time"
)

// TestFaults asks once with the fault and once without.
func TestFaults(t *testing.T) {
	tests := []struct {
		fault Fault
		want  string // then a right answer
	}{
		{Fault{Kind: Silence}, ""},
		{Fault{Kind: Exception, Code: 6}, "000100000003118406"},
		{Fault{Kind: Exception}, "000100000003118404"},
		{Fault{Kind: Truncate, Bytes: 9}, "000100000005110402"},
		{Fault{Kind: Truncate}, "0001000000"},
		{Fault{Kind: WrongLength}, "000100000006110402000a"},
		{Fault{Kind: WrongLength, Bytes: -1}, "000100000004110402000a"},
		{Fault{Kind: WrongByteCount}, "000100000005110404000a"},
		{Fault{Kind: ShortPDU}, "000100000003110400"},
		{Fault{Kind: Duplicate}, haveInput + haveInput},
		{Fault{Kind: WrongTransaction}, "555600000005110402000a"},
		{Fault{Kind: WrongUnit}, "000100000005120402000a"},
		{Fault{Kind: WrongFunction}, "000100000005110302000a"},
		{Fault{Kind: Delay, Delay: time.Millisecond, Jitter: time.Millisecond}, haveInput},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.fault.Kind, test.fault.Bytes), func(t *testing.T) {
			u := specUnit(t)
			_, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: u}})
			test.fault.Times = 1
			u.Inject(test.fault)
			send(t, c, askInput)
			expect(t, c, test.want)
			expectNothing(t, c)
		})
	}
}

func TestFaultDrop(t *testing.T) {
	u := specUnit(t)
	s, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: u}})
	u.Inject(Fault{Kind: Drop, Times: 1})
	send(t, c, askInput)
	expectEnd(t, c)
	expectNothing(t, dial(t, s))
}

// TestFaultLate gets the answer to the first request before that to the second.
func TestFaultLate(t *testing.T) {
	u := specUnit(t)
	_, c := serve(t, "tcp", ServerOptions{Units: map[int]*Unit{17: u}})
	u.Inject(Fault{Kind: Late, Times: 1})
	send(t, c, askInput)
	send(t, c, "000200000006"+"1103006b0003")
	expect(t, c, haveInput+"000200000009"+"110306022b00000064")
	expectNothing(t, c)
}

func TestFaultGarble(t *testing.T) {
	u := specUnit(t)
	u.Inject(Fault{Kind: Garble})
	right := string(unhex(t, haveInput))
	for range 200 {
		b, _ := u.answer(nil, frame{transaction: 1, unit: 17, pdu: unhex(t, "0400080001")})
		differ := 0
		for i := range b {
			if b[i] != right[i] {
				differ++
			}
		}
		if differ != 1 || string(b[:headerSize]) != right[:headerSize] {
			t.Fatalf("garbled frame %x", b)
		}
	}
}

func TestFaultRange(t *testing.T) {
	u := specUnit(t)
	lift := u.Inject(Fault{Kind: Exception, Code: 2, Function: fnHolding, First: 0x6C, Count: 1})
	tests := []struct{ request, want string }{
		{"03006b0001", "0302022b"},
		{"03006b0002", "8302"},
		{"03006c0001", "8302"},
		{"03006d0001", "03020064"},
		{"0400080001", "0402000a"},
	}
	for _, test := range tests {
		if got := fmt.Sprintf("%x", ask(u, unhex(t, test.request))); got != test.want {
			t.Errorf("%s answered %s, want %s", test.request, got, test.want)
		}
	}
	lift()
	if got := fmt.Sprintf("%x", ask(u, unhex(t, "03006c0001"))); got != "03020000" {
		t.Errorf("lifted: %s", got)
	}
}

func TestFaultEnds(t *testing.T) {
	c := newClock()
	u := NewUnit(UnitOptions{Clock: c.time})
	failed := func() bool { return ask(u, unhex(t, "0400080001")) == nil }
	u.Inject(Fault{Kind: Silence, For: time.Second})
	if !failed() {
		t.Error("no fault")
	}
	c.now = c.now.Add(time.Second)
	if failed() {
		t.Error("the fault outlasts its time")
	}
	u.Inject(Fault{Kind: Silence, Times: 2})
	if first, second, third := failed(), failed(), failed(); !first || !second || third {
		t.Error("a fault for two times did not strike twice")
	}
	u.Inject(Fault{Kind: Silence})
	u.ClearFaults()
	if failed() {
		t.Error("a cleared fault strikes")
	}
	u.Inject(Fault{Kind: Silence, OneIn: 4})
	n := 0
	for range 1000 {
		if failed() {
			n++
		}
	}
	if n < 150 || n > 350 {
		t.Errorf("one fault in four struck %d times of 1000", n)
	}
}

func TestFaultValidate(t *testing.T) {
	for _, f := range []Fault{{}, {Kind: "fire"}, {Kind: Silence, First: -1}, {Kind: Silence, First: 65535, Count: 2},
		{Kind: Delay}, {Kind: Silence, OneIn: -1}} {
		if f.Validate() == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}
