package session

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// slowly answers each request after a while.
func slowly(after time.Duration) func(c *scriptedConn, q question) bool {
	return func(*scriptedConn, question) bool {
		time.Sleep(after)
		return false
	}
}

// TestSlowServersAreConnectedTo gives each step its own time: more than one patience in all.
func TestSlowServersAreConnectedTo(t *testing.T) {
	for timeout, step := range map[time.Duration]time.Duration{5 * time.Second: 4 * time.Second, time.Minute: 55 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{script: slowly(step)}
			began := time.Now()
			s.connect(t, Options{Timeout: timeout})
			if took := time.Since(began); took < 3*step {
				t.Errorf("connected after %v: the server was not slow", took)
			}
		})
	}
}

// TestConnectingSaysHowFarItCame ends at servers that stop answering at each step.
func TestConnectingSaysHowFarItCame(t *testing.T) {
	for service, want := range map[uint32]string{
		openRequest:     "answers slowly: 1 answers came",
		createRequest:   "answers slowly: 2 answers came",
		activateRequest: "answers slowly: 3 answers came",
		endRequest:      "",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{}
			s.script = func(_ *scriptedConn, q question) bool { return q.service == service }
			c, err := Open(t.Context(), s.options(t, Options{Timeout: 20 * time.Second}))
			if err == nil {
				c.Close()
			}
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "timeout: 1m0s")) {
				t.Errorf("silent from request %d on: %v, want %q", service, err, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // one that takes the connection only
		o := (&scripted{}).options(t, Options{Timeout: time.Second})
		o.dial = func(context.Context, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() { // it reads and says nothing
				for b := make([]byte, 1000); ; {
					if _, err := server.Read(b); err != nil {
						return
					}
				}
			}()
			return client, nil
		}
		if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "is it an OPC UA server") {
			t.Errorf("a server that says nothing: %v", err)
		}
	})
}

// TestEndOfTheContextEndsConnecting ends an attempt with its context.
func TestEndOfTheContextEndsConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{script: func(*scriptedConn, question) bool { return true }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := Open(ctx, s.options(t, Options{Timeout: time.Hour})); err == nil || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestAnswersInPartsAreWaitedFor takes an answer whose parts come slowly, but not one that never ends.
func TestAnswersInPartsAreWaitedFor(t *testing.T) {
	for parts, want := range map[int]error{3: nil, 1000: ErrTimeout} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{}
			s.script = func(c *scriptedConn, q question) bool {
				if q.service != readRequest {
					return false
				}
				msg := message(q, 0, c.values(q))
				for range parts {
					time.Sleep(800 * time.Millisecond)
					if c.chunk("MSGC", q.id, msg[:2]) != nil {
						return true
					}
					if msg = msg[2:]; len(msg) < 4 {
						msg = append(msg, 0, 0, 0, 0)
					}
				}
				c.chunk("MSGF", q.id, msg)
				return true
			}
			c := s.connect(t, Options{Timeout: time.Second})
			began := time.Now()
			_, err := c.Call(t.Context(), reading(1))
			if took := time.Since(began); !errors.Is(err, want) || took < 2*time.Second || took > 4*time.Second {
				t.Errorf("%d parts: %v after %v, want %v", parts, err, took, want)
			}
			c.Abandon()
		})
	}
}

// TestRenewalHoldsUpNoNotification has a server take long over a new token, and notify meanwhile.
func TestRenewalHoldsUpNoNotification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{token: 8 * time.Second}
		opened := 0
		s.script = func(c *scriptedConn, q question) bool {
			switch q.service {
			case openRequest:
				if opened++; opened > 1 {
					s.wg.Go(func() { // beside everything else
						time.Sleep(3 * time.Second)
						s.standard(c, q)
					})
					return true
				}
			case publishRequest:
				s.wg.Go(func() {
					time.Sleep(200 * time.Millisecond)
					c.answer(q, 0, nil)
				})
				return true
			}
			return false
		}
		c := s.connect(t, Options{Timeout: 5 * time.Second})
		asked, last, longest := 0, time.Now(), time.Duration(0)
		for begun := time.Now(); time.Since(begun) < 40*time.Second; {
			beat, cancel := context.WithTimeout(t.Context(), time.Second) // as a lane waits
			for beat.Err() == nil {
				if asked == 0 {
					if _, err := c.Send(beat, wire.Publish{}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
						t.Fatal(err)
					} else if err == nil {
						asked++
					}
				}
				err := c.Next(beat, time.Now().Add(5*time.Second), func(uint32, []byte) bool {
					longest, last = max(longest, time.Since(last)), time.Now()
					asked--
					return true
				})
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
			}
			cancel()
		}
		if longest > 2*time.Second {
			t.Errorf("no notification for %v", longest)
		}
		if n := len(s.of(openRequest)); n < 4 || n > 7 {
			t.Errorf("%d tokens in 40 s, want one every 6 to 9", n)
		}
		if q := s.of(publishRequest)[0]; q.hint != 0 {
			t.Errorf("notifications are asked for with the hint to drop the request after %d ms", q.hint)
		}
		used := map[uint32]bool{}
		for _, q := range s.of(publishRequest) {
			used[q.token] = true
		}
		if len(used) < 4 {
			t.Errorf("only %d tokens were used", len(used))
		}
	})
}

// TestTokenThatIsOverIsWaitedFor asks nothing with a token that has died.
func TestTokenThatIsOverIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{token: 10 * time.Second}
		c := s.connect(t, Options{Timeout: 5 * time.Second})
		time.Sleep(time.Minute)
		s.script = slowly(4 * time.Second)
		if _, err := c.Call(t.Context(), reading(1)); err != nil {
			t.Fatal(err)
		}
		if q := s.of(readRequest)[0]; q.token != 2 {
			t.Errorf("asked with token %d", q.token)
		}
	})
}

// TestShortSessionsAreKeptAlive waits at a server that lets sessions live for less than was asked.
func TestShortSessionsAreKeptAlive(t *testing.T) {
	for _, life := range []time.Duration{time.Second, 4 * time.Second, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{session: life}
			c := s.connect(t, Options{Timeout: 5 * time.Second})
			for range 60 {
				beat, cancel := context.WithTimeout(t.Context(), time.Second)
				if err := c.Next(beat, time.Now().Add(time.Hour), func(uint32, []byte) bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
				cancel()
			}
			asked := s.of(readRequest)
			for i := range asked[1:] {
				if pause := asked[i+1].at.Sub(asked[i].at); pause >= life || pause < life/4 {
					t.Fatalf("session of %v: nothing asked for %v", life, pause)
				}
			}
			if len(asked) < int(time.Minute/life) {
				t.Errorf("session of %v: %d requests in a minute", life, len(asked))
			}
		})
	}
}

// TestWritingAndListening has a server that takes no request while it waits for its answer to be taken.
func TestWritingAndListening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := (&scripted{}).connect(t, Options{Timeout: 5 * time.Second})
		var ids []uint32
		for range 4 { // over a pipe without room for a byte
			id, err := c.Send(t.Context(), reading(1000))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		for len(ids) > 0 {
			err := c.Next(t.Context(), time.Now().Add(time.Second), func(id uint32, _ []byte) bool {
				ids = slices.DeleteFunc(ids, func(x uint32) bool { return x == id })
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestServerThatTakesNothing is given up after the patience.
func TestServerThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		stop := make(chan struct{})
		s.script = func(_ *scriptedConn, q question) bool {
			if q.service == readRequest {
				<-stop
			}
			return false
		}
		c := s.connect(t, Options{Timeout: 5 * time.Second})
		var err error
		for range 2 {
			if _, err = c.Send(t.Context(), reading(1000)); err != nil {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), "taken nothing") {
			t.Error(err)
		}
		close(stop)
		c.Abandon()
	})
}

// TestUnfinishedAnswersAreBounded has a server begin answers that nobody asked for, and many that somebody did.
func TestUnfinishedAnswersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{sends: 65535}
		var waiting []question
		s.script = func(c *scriptedConn, q question) bool {
			if q.service != readRequest {
				return false
			}
			if waiting = append(waiting, q); binary.LittleEndian.Uint32(q.body[12:]) != 2 {
				return true
			}
			body := make([]byte, 60000)
			for range 15 << 20 / len(body) {
				for _, w := range waiting {
					if c.chunk("MSGC", w.id, body) != nil {
						return true
					}
				}
				c.chunk("MSGC", 1000, body)
			}
			for _, w := range waiting {
				c.chunk("MSGF", w.id, nil)
			}
			return true
		}
		c := s.connect(t, Options{Timeout: time.Minute})
		for range 4 {
			if _, err := c.Send(t.Context(), reading(1)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Send(t.Context(), reading(2)); err != nil {
			t.Fatal(err)
		}
		whole, large := 0, 0
		for range 5 {
			err := c.Next(t.Context(), time.Now().Add(time.Minute), func(_ uint32, msg []byte) bool {
				held := c.ch.gathered + c.held
				for _, a := range c.ch.expected {
					held = max(held, cap(a.parts))
				}
				if held > maxHeld {
					t.Errorf("%d bytes are held", held)
				}
				if errors.Is(wire.NewReader(msg).Answer(reading(1)), wire.BadResponseTooLarge) {
					large++
				} else {
					whole++
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if whole != 2 || large != 3 || c.ch.gathered != 0 {
			t.Errorf("%d answers whole, %d too large, %d bytes left over", whole, large, c.ch.gathered)
		}
	})
}
