package main

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// peer is a device of unit 1 that answers each request as reply says; nil: it hangs up, with a reset.
func peer(t *testing.T, reply func(fn byte, first, count int) []byte) (url string, hangups *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	hangups = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for q := make([]byte, 12); ; {
					if _, err := io.ReadFull(c, q); err != nil {
						return
					}
					pdu := reply(q[7], int(binary.BigEndian.Uint16(q[8:])), int(binary.BigEndian.Uint16(q[10:])))
					if pdu == nil {
						hangups.Add(1)
						_ = c.(*net.TCPConn).SetLinger(0)
						return
					}
					head := binary.BigEndian.AppendUint16(append([]byte(nil), q[:4]...), uint16(len(pdu)))
					if _, err := c.Write(append(head, pdu...)); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "tcp://" + l.Addr().String(), hangups
}

// counted answers a read of registers with 231, 238 and so on.
func counted(fn byte, first, count int) []byte {
	pdu := []byte{1, fn, byte(2 * count)}
	for at := first; at < first+count; at++ {
		pdu = binary.BigEndian.AppendUint16(pdu, uint16(at*7+231))
	}
	return pdu
}

// TestProbePeers probes what answers badly: what can be found is found, and what is wrong is said.
func TestProbePeers(t *testing.T) {
	refused := func(fn byte) []byte { return []byte{1, fn | 0x80, 2} }
	var once atomic.Bool
	var n atomic.Int32
	for name, c := range map[string]struct {
		reply      func(fn byte, first, count int) []byte
		status     int
		out, wrong string
		hangups    int32 // at most
	}{
		"one register": {func(fn byte, first, count int) []byte {
			if fn == 3 && first == 0 && count == 1 {
				return counted(fn, first, count)
			}
			return refused(fn)
		}, 0, "holding_0,holding:0,int16,,0.1", "holding:1-99: refused", 0},
		"hangs up in place of refusing": {func(fn byte, first, count int) []byte {
			if fn != 3 || first+count > 40 {
				return nil
			}
			return counted(fn, first, count)
		}, 0, "holding_0,holding:0,int16,,0.1", "no answer", 31},
		"hangs up once": {func(fn byte, first, count int) []byte { // what was asked for then is not left out
			if once.CompareAndSwap(false, true) {
				return nil
			}
			return counted(fn, first, count)
		}, 0, "holding_0,holding:0,int16,,0.1", "", 1},
		"hangs up":         {func(byte, int, int) []byte { return nil }, 1, "", "reset by peer", 31},
		"refuses all":      {func(fn byte, _, _ int) []byte { return refused(fn) }, 1, "nothing was read, as all that was asked for is refused", "holding:0-99: refused", 0},
		"has no function":  {func(fn byte, _, _ int) []byte { return []byte{1, fn | 0x80, 1} }, 1, "nothing was read", "illegal function", 0},
		"is another unit":  {func(fn byte, first, count int) []byte { return append([]byte{2}, counted(fn, first, count)[1:]...) }, 1, "", "set unit_id: 2", 0},
		"lies in length":   {func(fn byte, first, count int) []byte { p := counted(fn, first, count); p[2] += 2; return p }, 1, "", "wrong answer: byte count 202", 0},
		"answers too few":  {func(fn byte, first, count int) []byte { return counted(fn, first, count-1) }, 1, "", "198 bytes of data instead of 200", 0},
		"moves everywhere": {func(fn byte, first, count int) []byte { return counted(fn, int(n.Add(101))*1000, count) }, 1, "", "", 0},
	} {
		url, hangups := peer(t, c.reply)
		status, out, complaints := typed(t, "", "probe", url, "holding:0-99", "input:0-99", "--shows", "23.1")
		if name == "moves everywhere" {
			if strings.Contains(out, "certain") {
				t.Errorf("%s: printed\n%s", name, out)
			}
			continue
		}
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(complaints, c.wrong) || hangups.Load() > c.hangups {
			t.Errorf("%s: status %d, want %d, %d hangups, complained %q, printed\n%s", name, status, c.status, hangups.Load(), complaints, out)
		}
	}
}

// TestProbeShowsPlainly answers what is no number, and a number that says nothing, in plain words.
func TestProbeShowsPlainly(t *testing.T) {
	url, _ := peer(t, func(fn byte, first, count int) []byte {
		return append([]byte{1, fn, byte(2 * count)}, make([]byte, 2*count)...)
	})
	for text, want := range map[string]string{
		"on": `"on" is no number`, "2026-11-29": "looks like a date or a time", "12:34": "looks like a date or a time", "": "is no number",
		"0": "zeros are everywhere", "-5": "no register that was read gives this number", "1e9": "no register", "23,1": "no register",
	} {
		_, out, complaints := typed(t, "", "probe", url, "holding:0-9", "--shows", text)
		if !strings.Contains(out+complaints, want) {
			t.Errorf("--shows %q: want %q in\n%s%s", text, want, out, complaints)
		}
	}
}
