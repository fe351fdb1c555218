package modbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// slowUnits is a stream whose units answer in order, each when the test says.
type slowUnits struct {
	answer   func(r request) (delay time.Duration, pdu []byte) // no PDU: never
	coming   []arrival
	last     map[uint8]time.Time
	deadline time.Time
}

type arrival struct {
	at time.Time
	b  []byte
}

func (s *slowUnits) Close() error                { return nil }
func (s *slowUnits) SetDeadline(time.Time) error { return nil }
func (s *slowUnits) SetReadDeadline(t time.Time) error {
	s.deadline = t
	return nil
}

// Write takes a request in RTU framing.
func (s *slowUnits) Write(b []byte) (int, error) {
	r := request{unit: b[0], function: b[1], address: binary.BigEndian.Uint16(b[2:]), count: binary.BigEndian.Uint16(b[4:])}
	delay, pdu := s.answer(r)
	defer func() {
		slices.SortStableFunc(s.coming, func(a, b arrival) int { return a.at.Compare(b.at) })
	}()
	if pdu == nil {
		return len(b), nil
	}
	at := time.Now().Add(delay)
	if at.Before(s.last[r.unit]) {
		at = s.last[r.unit]
	}
	s.last[r.unit] = at
	f := append([]byte{r.unit}, pdu...)
	s.coming = append(s.coming, arrival{at, binary.LittleEndian.AppendUint16(f, crc(f))})
	return len(b), nil
}

// take is what has come by now.
func (s *slowUnits) take(b []byte) int {
	n := 0
	for len(s.coming) > 0 && !s.coming[0].at.After(time.Now()) {
		n += copy(b[n:], s.coming[0].b)
		s.coming = s.coming[1:]
	}
	return n
}

func (s *slowUnits) Read(b []byte) (int, error) {
	until := s.deadline
	if len(s.coming) > 0 && s.coming[0].at.Before(until) {
		until = s.coming[0].at
	}
	time.Sleep(time.Until(until))
	if n := s.take(b); n > 0 {
		return n, nil
	}
	return 0, os.ErrDeadlineExceeded
}

func (s *slowUnits) poll(b []byte, wait time.Duration) (int, error) {
	time.Sleep(wait)
	return s.take(b), nil
}

// holds is what a register of a unit holds: another value in each.
func holds(unit, function uint8, address uint16) uint16 {
	return uint16(unit)<<13 ^ uint16(function)<<10 ^ address*257
}

func pduOf(r request) []byte {
	b := []byte{r.function, byte(r.size())}
	for i := range r.count {
		b = binary.BigEndian.AppendUint16(b, holds(r.unit, r.function, r.address+i))
	}
	return b
}

// Answers that come after their time never become those of other requests, however late they are, and whatever else
// is lost or refused.
func TestLateAnswers(t *testing.T) {
	const requests, limit = 10_000, 100 * time.Millisecond
	for _, c := range []struct {
		name         string
		lost, refuse int // percent
		punctual     int
		foreign      int // percent of requests after which a frame of nobody's comes, as long as their answer at least
	}{{name: "late"}, {name: "some late", punctual: 70}, {name: "lost", lost: 20, punctual: 30}, {name: "refused", refuse: 20, lost: 5, punctual: 30},
		{name: "foreign", foreign: 30, lost: 5, punctual: 30}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chance := rand.New(rand.NewPCG(1, 2))
				units := &slowUnits{last: map[uint8]time.Time{}}
				units.answer = func(r request) (time.Duration, []byte) {
					delay := limit + rand.N(3*limit)
					if chance.IntN(100) < c.punctual {
						delay = rand.N(limit / 2)
					}
					if chance.IntN(100) < c.foreign {
						units.coming = append(units.coming, arrival{time.Now().Add(rand.N(limit / 2)), make([]byte, 16)})
					}
					switch n := chance.IntN(100); {
					case n < c.lost:
						return 0, nil
					case n < c.lost+c.refuse:
						return delay, []byte{r.function | 0x80, byte(DeviceBusy)}
					}
					return delay, pduOf(r)
				}
				l := newBus(rtu{}, newPace(Serial{Baud: 19200, Data: 8, Stop: 1, Parity: "even"}),
					func(context.Context) (stream, error) { return units, nil })
				l.learns = true
				good, wrong := askMany(t, l, chance, requests, limit)
				if wrong > 0 {
					t.Errorf("%d of %d values are another request's", wrong, good)
				}
				if good == 0 {
					t.Error("nothing was read")
				}
			})
		})
	}
}

// askMany asks at random, each request twice if it is not answered, and counts the answers and those that are wrong.
func askMany(t *testing.T, l *bus, chance *rand.Rand, n int, limit time.Duration) (good, wrong int) {
	for range n {
		r := request{
			unit: uint8(1 + chance.IntN(3)), function: uint8(readHolding + chance.IntN(2)),
			address: uint16(chance.IntN(40)), count: uint16(1 + chance.IntN(3)),
		}
		for range 2 {
			raw, err := l.exchange(t.Context(), r, wait{limit: limit})
			if err == nil {
				good++
				if !bytes.Equal(raw, pduOf(r)[2:]) {
					wrong++
				}
				break
			}
			if _, refused := errors.AsType[Exception](err); refused {
				break
			}
			if !isAnswer(err) {
				t.Fatal(err)
			}
		}
	}
	return good, wrong
}
