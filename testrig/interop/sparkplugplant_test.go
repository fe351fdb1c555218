//go:build interop

package interop

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// plcUnit is a Modbus device over TCP whose registers are reckoned when they are asked for. It can be switched off.
type plcUnit struct {
	t       *testing.T
	ln      net.Listener
	asked   atomic.Int64 // polls so far: how often register 0 or 200 was read
	refuses atomic.Bool  // exception 2 for register 100
	off     atomic.Bool
	mu      sync.Mutex
	conns   map[net.Conn]bool
}

// startUnit serves a device until the end of the test.
func startUnit(t *testing.T) *plcUnit {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &plcUnit{t: t, ln: ln, conns: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			if u.off.Load() || !u.hold(c) {
				c.Close()
				continue
			}
			all.Go(func() { u.serve(c) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		u.turn(true)
		all.Wait()
	})
	return u
}

func (u *plcUnit) url() string { return "tcp://" + u.ln.Addr().String() }

func (u *plcUnit) hold(c net.Conn) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.conns[c] = true
	return !u.off.Load()
}

// turn switches the device off, or on again.
func (u *plcUnit) turn(off bool) {
	u.off.Store(off)
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		if off {
			c.Close()
		}
		delete(u.conns, c)
	}
}

// serve answers reads of holding registers (application protocol V1.1b3, 6.3; messaging on TCP/IP 1.0b, 3.1.3).
func (u *plcUnit) serve(c net.Conn) {
	defer c.Close()
	request, answer := make([]byte, 12), make([]byte, 0, 300)
	for {
		if _, err := io.ReadFull(c, request); err != nil || u.off.Load() {
			return
		}
		first, count := binary.BigEndian.Uint16(request[8:]), binary.BigEndian.Uint16(request[10:])
		answer = append(answer[:0], request[:4]...)
		switch {
		case request[7] != 3 || count == 0 || count > 125:
			answer = append(answer, 0, 3, request[6], request[7]|0x80, 1)
		case u.refuses.Load() && first+count > 100 && first < 200:
			answer = append(answer, 0, 3, request[6], request[7]|0x80, 2)
		default:
			if first == 0 || first == 200 {
				u.asked.Add(1)
			}
			answer = binary.BigEndian.AppendUint16(answer, uint16(3+2*count))
			answer = append(answer, request[6], 3, byte(2*count))
			for r := first; r < first+count; r++ {
				answer = binary.BigEndian.AppendUint16(answer, u.register(r))
			}
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}

// register is the value of one: pairs below 80 and from 200 on count the polls, the others stand for what plants have.
func (u *plcUnit) register(r uint16) uint16 {
	n := u.asked.Load()
	switch {
	case r < 80, r >= 200:
		return uint16(n >> (16 * (1 - r%2)))
	case r == 80:
		return 0xffa9 // -87
	case r == 81:
		return uint16(n / 10)
	case r == 82 || r == 83: // a float32
		return [2]uint16{0x41b8, 0xcccd}[r-82] // 23.1
	case r >= 84 && r < 88: // 2^63 + 1
		return [4]uint16{0x8000, 0, 0, 1}[r-84]
	case r == 88 || r == 89: // "pump"
		return [2]uint16{'p'<<8 | 'u', 'm'<<8 | 'p'}[r-88]
	}
	return 7
}

// sparkMap is the map of a device with one tag of each kind. counter and total are read at each poll, the others as they
// change. More are further rows.
func sparkMap(more string) string {
	return `tag,address,type,report,unit,min,max,enum,scale,description
counter,holding:0,uint32,all,,,,,,counts its polls
total,holding:2,uint32,all,kWh,,,,0.5,
wide,holding:10,uint32,change,,,,,,
negative,holding:80,int16,change,°C,-100,100,,,
step,holding:81,uint16,change,,0,20,,,is beyond its range after 200 polls
temperature/flow,holding:82,float32,change,°C,,,,,
huge,holding:84,uint64,change,,,,,,
minus,holding:84,int64,change,,,,,,
name,holding:88,string:4,change,,,,,,
running,holding:81.b0,bool,change,,,,,,
mode,holding:100,uint16,change,,,,0=off|7=automatic,,is refused at times
` + more
}

// counterMap is a map of n counters.
func counterMap(n int) string {
	text := "tag,address,type\n"
	for i := range n {
		text += fmt.Sprintf("counter%d,holding:%d,uint32\n", i, 200+2*i)
	}
	return text
}
