package modbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// sweptUnit is a transport to a unit that answers as its rule has it: register n holds n.
type sweptUnit struct {
	rule  func(r request) error
	asked []request
}

func (u *sweptUnit) open(context.Context) error { return nil }
func (u *sweptUnit) close() error               { return nil }

func (u *sweptUnit) exchange(_ context.Context, r request, _ wait) ([]byte, error) {
	u.asked = append(u.asked, r)
	if err := u.rule(r); err != nil {
		return nil, err
	}
	raw := make([]byte, r.size())
	for i := range int(r.count) {
		at := int(r.address) + i
		if isBits(r.function) {
			raw[i/8] |= byte(at%3&1) << (i % 8)
			continue
		}
		raw[2*i], raw[2*i+1] = byte(at>>8), byte(at)
	}
	return raw, nil
}

// sweep reads extents of a unit with that rule.
func sweep(t *testing.T, rule func(r request) error, extents ...string) (*Sweep, *sweptUnit, error) {
	t.Helper()
	u := &sweptUnit{rule: rule}
	l := newLink(LinkOptions{}, u)
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := SweepOptions{Unit: 1, Retries: 1}
	for _, e := range extents {
		x, err := mapping.ParseExtent(e)
		if err != nil {
			t.Fatal(err)
		}
		o.Extents = append(o.Extents, x)
	}
	s, err := NewSweep(o)
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		more, err := s.Turn(t.Context(), l)
		if !more {
			return s, u, err
		}
	}
	t.Fatal("no end")
	return nil, nil, nil
}

// sweptBy are the addresses that s read, and "WHY FIRST-LAST" of the others.
func sweptBy(t *testing.T, s *Sweep) (read map[int]bool, refused string) {
	t.Helper()
	read = map[int]bool{}
	seen := s.Snapshot()
	for _, a := range seen.Areas {
		for i, v := range a.Values {
			want := uint16(a.First + i)
			if a.Table.IsBits() {
				want = uint16((a.First + i) % 3 & 1)
			}
			if v != want {
				t.Errorf("%s %d holds %d", a.Table, a.First+i, v)
			}
			if read[a.First+i] {
				t.Errorf("%d was read twice", a.First+i)
			}
			read[a.First+i] = true
		}
	}
	for _, r := range seen.Refusals {
		refused += fmt.Sprintf("%d %d-%d ", r.Exception, r.First, r.Last)
	}
	return read, strings.TrimSpace(refused)
}

// touches reports that r asks for an address of first to last.
func (r request) touches(first, last int) bool {
	return int(r.address) <= last && first < int(r.address)+int(r.count)
}

func TestSweep(t *testing.T) {
	noAnswer := &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: errors.New("no answer within 1s")}
	wrongUnit := &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: errors.New("wrong answer: unit 9 answered")}
	busy := 0
	for _, c := range []struct {
		name    string
		extents string
		rule    func(r request) error
		read    int
		refused string
		most    int // requests
		err     string
	}{
		{"all", "holding:0-299", func(request) error { return nil }, 300, "", 3, ""},
		{"bits", "coil:5-2100", func(request) error { return nil }, 2096, "", 2, ""},
		{"a hole of one", "holding:0-124", func(r request) error {
			if r.touches(77, 77) {
				return IllegalDataAddress
			}
			return nil
		}, 124, "2 77-77", 24, ""},
		{"a hole of many, answered with 3", "holding:0-124", func(r request) error {
			if r.touches(40, 79) {
				return IllegalDataValue
			}
			return nil
		}, 85, "3 40-79", 110, ""},
		{"one register a request", "holding:0-249", func(r request) error {
			if r.count > 1 {
				return IllegalDataValue
			}
			return nil
		}, 250, "", 260, ""},
		{"sixteen a request", "holding:0-249", func(r request) error {
			if r.count > 16 {
				return IllegalDataAddress
			}
			return nil
		}, 250, "", 40, ""},
		{"values that are not to be cut", "holding:0-59", func(r request) error {
			if r.touches(20, 20) || r.touches(1, 1) && !r.touches(0, 0) || r.touches(0, 0) && r.count == 1 {
				return IllegalDataAddress
			}
			return nil
		}, 59, "2 20-20", 24, ""},
		{"none of this table", "input:0-999", func(r request) error { return IllegalFunction }, 0, "1 0-999", 3, ""},
		{"all refused", "holding:0-65535", func(r request) error { return DeviceFailure }, 0, "4 0-65535", 525 + 2*maxCut + 20, ""},
		{"silent about some", "holding:0-124", func(r request) error {
			if r.touches(100, 101) {
				return noAnswer
			}
			return nil
		}, 0, "", 4, "no answer within 1s"}, // the first request is not answered: nothing is known of the unit
		{"silent about the second half", "holding:0-249", func(r request) error {
			if r.touches(248, 249) {
				return noAnswer
			}
			return nil
		}, 248, "0 248-249", 40, ""},
		{"dead", "holding:0-299", func(r request) error { return noAnswer }, 0, "", 2, "no answer within 1s"},
		{"a gateway says so", "holding:0-299", func(r request) error { return TargetFailedRespond }, 0, "", 2, "gateway target"},
		{"another unit answers", "holding:0-299", func(r request) error { return wrongUnit }, 0, "", 2, "unit 9 answered"},
		{"busy for a while", "holding:0-124", func(r request) error {
			if busy++; busy < 3 {
				return DeviceBusy
			}
			return nil
		}, 125, "", 3, ""},
		{"busy for ever", "holding:0-1", func(r request) error { return DeviceBusy }, 0, "6 0-1", 20, ""},
		{"the connection breaks", "holding:0-1", func(r request) error { return errors.New("reset by peer") }, 0, "", 1, "reset by peer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, u, err := sweep(t, c.rule, c.extents)
			if c.err != "" != (err != nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			read, refused := sweptBy(t, s)
			if len(read) != c.read || refused != c.refused {
				t.Errorf("%d read, %q refused, want %d, %q", len(read), refused, c.read, c.refused)
			}
			if len(u.asked) > c.most {
				t.Errorf("%d requests, want %d at most", len(u.asked), c.most)
			}
			for _, r := range u.asked {
				if r.function < readCoils || r.function > readInput || !isBits(r.function) && r.count > 125 || r.count > 2000 {
					t.Errorf("asked %v", r)
				}
			}
		})
	}
}

// TestSweepKeepsPause waits between requests as the connection is to be left alone.
func TestSweepKeepsPause(t *testing.T) {
	u := &sweptUnit{rule: func(request) error { return nil }}
	l := newLink(LinkOptions{Pause: time.Hour}, u)
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := NewSweep(SweepOptions{Unit: 1, Extents: []mapping.Extent{{Table: mapping.Holding, Count: 200}}})
	if err != nil {
		t.Fatal(err)
	}
	if more, err := s.Turn(t.Context(), l); !more || err != nil {
		t.Fatal(more, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Turn(ctx, l); !errors.Is(err, context.Canceled) || len(u.asked) != 1 {
		t.Errorf("within the pause: %v after %d requests", err, len(u.asked))
	}
}

func TestSweepRefuses(t *testing.T) {
	for _, e := range []mapping.Extent{{Table: mapping.Holding, First: -1, Count: 1}, {Table: mapping.Holding, First: 65535, Count: 2}, {Table: mapping.Coil}} {
		if _, err := NewSweep(SweepOptions{Extents: []mapping.Extent{e}}); err == nil {
			t.Errorf("%+v is taken", e)
		}
	}
}
