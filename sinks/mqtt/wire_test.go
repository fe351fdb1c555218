package mqtt

import (
	"net"
	"testing"
	"testing/synctest"
)

// TestWireFlush has a line that takes nothing for a while.
func TestWireFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		w := newWire(near, true)
		w.Write([]byte("one "))
		w.Write([]byte("two"))
		flushed := make(chan error, 1)
		go func() { flushed <- w.flush() }()
		synctest.Wait()
		select {
		case <-flushed:
			t.Fatal("flushed before anything was read")
		default:
		}
		buf := make([]byte, 100)
		got := ""
		for got != "one two" {
			n, err := far.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			got += string(buf[:n])
		}
		if err := <-flushed; err != nil || w.progress() != 7 {
			t.Errorf("flush: %v, %d bytes", err, w.progress())
		}
		w.Write([]byte("three"))
		w.Close()
		if err := w.flush(); err != errLocal {
			t.Errorf("flush after the end: %v", err)
		}
		if _, err := w.Write(nil); err != errLocal {
			t.Errorf("write after the end: %v", err)
		}
		<-w.ended
	})
}
