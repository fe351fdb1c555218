package session

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// reading is a request for n values.
func reading(n int) *wire.Read {
	q := &wire.Read{Times: wire.TimesNone}
	for i := range n {
		q.Add(wire.NodeID{Space: 2, Num: uint32(100000 + i)}, wire.AttributeValue)
	}
	return q
}

// TestOwnChunksFitTheServersBuffers speaks to servers whose two buffers differ.
func TestOwnChunksFitTheServersBuffers(t *testing.T) {
	for _, receives := range []uint32{8192, 10000, 65535, 1 << 20} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{receives: receives, sends: 65535}
			c := s.connect(t, Options{})
			if _, err := c.Call(t.Context(), reading(5000)); err != nil {
				t.Fatalf("server that receives %d: %v", receives, err)
			}
			if want := int(min(receives, bufferSize)); s.largest > want || s.largest < want-100 {
				t.Errorf("chunk of %d bytes to a server that receives %d", s.largest, receives)
			}
		})
	}
}

// TestRequestTooLargeIsThatRequestsFault asks servers with limits for too much and then for less.
func TestRequestTooLargeIsThatRequestsFault(t *testing.T) {
	for name, s := range map[string]*scripted{
		"message": {message: 8192},
		"chunks":  {chunks: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := s.connect(t, Options{})
			_, err := c.Call(t.Context(), reading(1000))
			status, ok := errors.AsType[wire.Status](err)
			if !ok || status != wire.BadRequestTooLarge || !status.TooLarge() || !strings.Contains(err.Error(), "request of ") {
				t.Errorf("%s: %v, want BadRequestTooLarge with its size", name, err)
			}
			if n := len(s.of(readRequest)); n != 0 {
				t.Errorf("%s: %d requests were sent all the same", name, n)
			}
			if _, err := c.Call(t.Context(), reading(200)); err != nil {
				t.Errorf("%s: then for less: %v", name, err)
			}
		})
	}
}

// TestAnswerTooLargeIsThatRequestsFault has a server answer one request with more than we take. Others are answered.
func TestAnswerTooLargeIsThatRequestsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{sends: 65535}
		s.script = func(c *scriptedConn, q question) bool {
			if q.service != readRequest || q.body[12] != 3 {
				return false
			}
			c.answer(q, 0, make([]byte, maxMessage+1))
			return true
		}
		c := s.connect(t, Options{})
		before, err := c.Send(t.Context(), reading(1))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Call(t.Context(), reading(3))
		if status, ok := errors.AsType[wire.Status](err); !ok || status != wire.BadResponseTooLarge || !strings.Contains(err.Error(), "16777216") {
			t.Errorf("%v, want BadResponseTooLarge with the limit", err)
		}
		if _, err := c.Await(t.Context(), before, reading(1)); err != nil {
			t.Errorf("answer that came before: %v", err)
		}
		if _, err := c.Call(t.Context(), reading(2)); err != nil {
			t.Errorf("the next request: %v", err)
		}
	})
}

// TestAnswerGivenUpIsThatRequestsFault has a server end an answer half-way, as it does with one over our limits.
func TestAnswerGivenUpIsThatRequestsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		s.script = func(c *scriptedConn, q question) bool {
			if q.service != readRequest || q.body[12] != 3 {
				return false
			}
			c.chunk("MSGC", q.id, make([]byte, 4000))
			c.chunk("MSGA", q.id, join(u32(uint32(wire.BadResponseTooLarge), 8), []byte("too much")))
			return true
		}
		c := s.connect(t, Options{})
		ids := map[uint32]*wire.Read{}
		for _, n := range []int{1, 3, 2} {
			id, err := c.Send(t.Context(), reading(n))
			if err != nil {
				t.Fatal(err)
			}
			ids[id] = reading(n)
		}
		for range 3 {
			err := c.Next(t.Context(), time.Now().Add(time.Second), func(id uint32, msg []byte) bool {
				err := wire.NewReader(msg).Answer(ids[id])
				if want := ids[id].Count == 3; want != errors.Is(err, wire.BadResponseTooLarge) || want != (err != nil) {
					t.Errorf("read of %d: %v", ids[id].Count, err)
				}
				delete(ids, id)
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(ids) != 0 {
			t.Errorf("%d requests got no answer", len(ids))
		}
	})
}

// TestAnswersComeInOrder keeps answers while another is waited for.
func TestAnswersComeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first *question
		s := &scripted{}
		s.script = func(c *scriptedConn, q question) bool {
			if q.service == readRequest && first == nil {
				first = &q // is answered last
				return true
			}
			if q.service == readRequest && q.body[12] == 9 {
				c.answer(*first, 0, c.values(*first))
			}
			return false
		}
		c := s.connect(t, Options{})
		late, err := c.Send(t.Context(), reading(1))
		if err != nil {
			t.Fatal(err)
		}
		var sent []uint32
		for i := range 9 {
			id, err := c.Send(t.Context(), reading(i+1))
			if err != nil {
				t.Fatal(err)
			}
			sent = append(sent, id)
		}
		if _, err := c.Await(t.Context(), late, reading(1)); err != nil {
			t.Fatal(err)
		}
		for _, want := range sent {
			err := c.Next(t.Context(), time.Now().Add(time.Second), func(id uint32, _ []byte) bool {
				if id != want {
					t.Errorf("answer to %d comes where that to %d should", id, want)
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
