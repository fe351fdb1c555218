package modbus

import (
	"testing"
	"time"
)

func TestWireTime(t *testing.T) {
	line := Serial{Baud: 9600, Data: 8, Stop: 1, Parity: "even"}
	fast := Serial{Baud: 115200, Data: 8, Stop: 1, Parity: "none"}
	registers := Request{Function: readHolding, Count: 10}
	coils := Request{Function: readCoils, Count: 10}
	us := time.Microsecond
	for _, c := range []struct {
		name string
		wire Wire
		r    Request
		want time.Duration
	}{
		// 33 characters of 11 bits, 2 × 3.5 more
		{"RTU", Wire{Transport: "rtu", Serial: line}, registers, 45833*us + 5*time.Millisecond},
		{"turnaround and pause", Wire{Transport: "rtu", Serial: line, Turnaround: 2 * time.Millisecond, Pause: 3 * time.Millisecond},
			registers, 45833*us + 5*time.Millisecond},
		{"bits", Wire{Transport: "rtu", Serial: line}, coils, 25208*us + 5*time.Millisecond},
		{"fixed silences", Wire{Transport: "rtu", Serial: fast}, registers, 2864*us + 2*1750*us + 5*time.Millisecond},
		// 17 and 51 characters of 10 bits
		{"ASCII", Wire{Transport: "ascii", Serial: Serial{Baud: 9600, Data: 7, Stop: 1, Parity: "even"}}, registers,
			78125*us + 5*time.Millisecond},
		{"gateway", Wire{Transport: "tcp", GatewayBaud: 9600}, registers, 45833*us + 5*time.Millisecond},
		{"gateway of bytes", Wire{Transport: "rtuovertcp", GatewayBaud: 9600}, registers, 45833*us + 5*time.Millisecond},
		{"network", Wire{Transport: "tcp"}, registers, 15*us + 5*time.Millisecond},
	} {
		if got := c.wire.Time(c.r); got < c.want-20*us || got > c.want+20*us {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
