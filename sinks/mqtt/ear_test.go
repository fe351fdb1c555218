package mqtt

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"
)

// FuzzEar feeds whatever a broker sends after its CONNACK to a front with an ear: it ends, and hands on no packet of who
// subscribes.
func FuzzEar(f *testing.F) {
	f.Add([]byte{0x30, 5, 0, 1, 'a', 0, 'x'}, true)
	f.Add([]byte{0x32, 6, 0, 1, 'a', 0, 7, 'x'}, false)
	f.Add([]byte{0x32, 3, 0, 1, 'a'}, true)
	f.Add([]byte{0x30, 4, 0xFF, 0xFF, 'a', 0}, true)
	f.Add([]byte{0x30, 7, 0, 1, 'a', 0xFF, 0xFF, 0xFF, 0xFF}, true)
	f.Add([]byte{0x90, 4, 0, 1, 0, 1, 0xB0, 3, 0, 2, 0}, true)
	f.Add(bytes.Repeat([]byte{0xB0, 2, 0, 2}, 40), false)
	f.Add([]byte{0x34, 5, 0, 1, 'a', 0, 1}, false)
	f.Fuzz(func(t *testing.T, after []byte, five bool) {
		connack := []byte{0x20, 2, 0, 0}
		if five {
			connack = []byte{0x20, 3, 0, 0, 0}
		}
		in := newFront(bytes.NewReader(append(connack, after...)), five)
		answers := 0
		in.ear = newEar(five, func(topic, payload []byte, _ bool) {
			if len(topic)+len(payload) > len(after) {
				t.Errorf("a message of %d bytes", len(topic)+len(payload))
			}
		})
		in.ear.write = func(p []byte) error {
			if answers++; answers > 10 {
				return errors.New("full")
			}
			return nil
		}
		out, err := io.ReadAll(in)
		if err == nil && len(out) < len(connack) || len(out) > len(connack)+len(after) {
			t.Errorf("handed on %d bytes, %v", len(out), err)
		}
	})
}

// TestEdgeSaysGoodbyeInTheMiddle ends the context of a call that waits for a fence: the node dies properly all the same.
func TestEdgeSaysGoodbyeInTheMiddle(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		e := node(t, f.addr(), version, "", func(o *EdgeOptions) { o.Timeout = time.Hour })
		v := polls(plant("boiler", 1), 1)
		if err := give(t, e, v, v); err != nil {
			t.Fatal(err)
		}
		f.hold(true)
		fences := f.fenced()
		ctx, cancel := contextOf(t)
		done := make(chan error, 1)
		go func() {
			_, err := e.Send(ctx, v)
			done <- err
		}()
		f.await("a fence", func() bool { return len(f.fences) > fences })
		cancel()
		if err := <-done; !errors.Is(err, ctx.Err()) {
			t.Errorf("send: %v", err)
		}
		f.hold(false)
		e.Close()
		f.await("a goodbye", func() bool { return f.goodbyes == 1 })
		all := f.messages(0)
		if last := all[len(all)-1]; last.kind != "NDEATH" {
			t.Errorf("the last message is %s", last.kind)
		}
	})
}
