package modbus

import (
	"encoding/binary"
	"io"
	"log"
	"net"
	"slices"
	"testing"
	"time"

	library "github.com/simonvetter/modbus"

	"tagbridge/mapping"
)

// The transport and the simulator are both ours: each is tried here against a stack that is not.

// unitHandler has the library's server hold what units hold.
type unitHandler struct{}

func (unitHandler) HandleCoils(r *library.CoilsRequest) ([]bool, error) {
	return bitsOf(request{unit: r.UnitId, function: readCoils, address: r.Addr, count: r.Quantity}), nil
}

func (unitHandler) HandleDiscreteInputs(r *library.DiscreteInputsRequest) ([]bool, error) {
	return bitsOf(request{unit: r.UnitId, function: readDiscrete, address: r.Addr, count: r.Quantity}), nil
}

func (unitHandler) HandleHoldingRegisters(r *library.HoldingRegistersRequest) ([]uint16, error) {
	if r.Addr >= 50_000 {
		return nil, library.ErrIllegalDataAddress
	}
	return wordsOf(request{unit: r.UnitId, function: readHolding, address: r.Addr, count: r.Quantity}), nil
}

func (unitHandler) HandleInputRegisters(r *library.InputRegistersRequest) ([]uint16, error) {
	return wordsOf(request{unit: r.UnitId, function: readInput, address: r.Addr, count: r.Quantity}), nil
}

func wordsOf(r request) []uint16 {
	raw := (&unit{}).answer(r)
	words := make([]uint16, r.count)
	for i := range words {
		words[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return words
}

func bitsOf(r request) []bool {
	raw := (&unit{}).answer(r)
	bits := make([]bool, r.count)
	for i := range bits {
		bits[i] = raw[i/8]>>(i%8)&1 == 1
	}
	return bits
}

func TestReadsIndependentServer(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0") // the library does not say which port it was given
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	server, err := library.NewServer(&library.ServerConfiguration{URL: "tcp://" + address, Logger: log.New(io.Discard, "", 0)}, unitHandler{})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	l := dial(t, &responder{addr: address}, long)
	var tags []*mapping.Tag
	for _, table := range []mapping.Table{mapping.Coil, mapping.Discrete, mapping.Input, mapping.Holding} {
		for n := range 200 {
			tags = append(tags, inTable(table, 3*n))
		}
	}
	l = on(t, l.link, long, append(tags, inTable(mapping.Holding, 60_000))...)
	for range 5 {
		samples, err := l.poll() // compares what is read with what units hold
		if err != nil || len(samples) != len(tags)+1 {
			t.Fatalf("poll = %d samples, %v, want %d", len(samples), err, len(tags)+1)
		}
		for _, s := range samples {
			if refused := int(s.Index) == len(tags); refused != (s.Quality == mapping.BadConfigurationError) {
				t.Errorf("tag %d is %v", s.Index, s.Quality)
			}
		}
	}
}

func TestIndependentClientReadsSimulatorAlike(t *testing.T) {
	_, address := servePLC(t, plcTags())
	client, err := library.NewClient(&library.ClientConfiguration{
		URL: "tcp://" + address, Timeout: time.Minute, Logger: log.New(io.Discard, "", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Open(); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := newSocket(LinkOptions{Transport: "tcp", Address: address, Transactions: new(Transactions)})
	defer s.close()
	for _, r := range []request{
		{unit: 1, function: readHolding, address: 0, count: 3},
		{unit: 1, function: readHolding, address: 1000, count: 40},
		{unit: 1, function: readInput, address: 0, count: 10},
		{unit: 1, function: readHolding, address: 1036, count: 4},
		{unit: 1, function: readHolding, address: 2, count: 1},
	} {
		ours, err := s.exchange(t.Context(), r, wait{limit: long})
		if err != nil {
			t.Fatal(err)
		}
		table := map[uint8]library.RegType{readHolding: library.HOLDING_REGISTER, readInput: library.INPUT_REGISTER}[r.function]
		theirs, err := client.ReadRawBytes(r.address, 2*r.count, table)
		if err != nil || !slices.Equal(ours, theirs) {
			t.Errorf("%v: the library reads % x, %v, this package % x", r, theirs, err, ours)
		}
	}
}

// After an answer that does not come, the other stack is not asked again: its numbers cannot be trusted any more.
func TestOtherStackEndsWithItsConnection(t *testing.T) {
	r := serve(t, func(q query) action {
		return action{send: map[int][]byte{1: q.right(), 2: q.exception(IllegalDataAddress)}[q.number]}
	})
	s, err := OpenOtherStack(LinkOptions{Transport: "tcp", Address: r.addr}, 1, short)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tag := inTable(mapping.Holding, 7)
	if raw, err := s.Raw(t.Context(), tag); err != nil || len(raw) != 2 {
		t.Errorf("the first reading = % x, %v", raw, err)
	}
	for range 3 {
		if _, err := s.Raw(t.Context(), tag); err == nil {
			t.Error("what was refused, or not answered, was read")
		}
	}
	if n := r.count.Load(); n != 3 {
		t.Errorf("%d requests, want none after the one that was not answered", n)
	}
	if _, err := OpenOtherStack(LinkOptions{Transport: "rtu"}, 1, short); err == nil {
		t.Error("the other stack was trusted with a serial line")
	}
}
