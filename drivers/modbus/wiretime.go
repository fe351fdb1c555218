package modbus

import "time"

// Wire is what decides how long a request keeps a connection busy.
type Wire struct {
	Transport   string // as of LinkOptions
	Serial      Serial // of rtu and ascii
	GatewayBaud int    // of the line behind a gateway; 0: not known
	Pause       time.Duration
	Turnaround  time.Duration // of the device; 0: UsualTurnaround
}

// UsualTurnaround is how long a device takes to begin its answer when nobody has measured it.
const UsualTurnaround = 5 * time.Millisecond

// What is assumed of a network.
const (
	networkBits   = 100_000_000 // a second
	frameOverhead = 7 + 2 + 78  // bytes: MBAP header, function and count, Ethernet, IP and TCP headers with their preamble
)

// Time is how long r keeps the connection busy. On a line: the characters of both frames, the silence of t3.5 after
// each, the device's turnaround and the pause.
func (w Wire) Time(r Request) time.Duration {
	turnaround := w.Turnaround
	if turnaround == 0 {
		turnaround = UsualTurnaround
	}
	asked := request{function: uint8(r.Function), count: uint16(r.Count), wide: r.Wide}
	f, p := w.line()
	if f == nil {
		bits := 8 * (2*frameOverhead + 3 + asked.size())
		return time.Duration(bits)*time.Second/networkBits + turnaround + w.Pause
	}
	return p.chars(f.requestChars()+f.answerChars(asked)) + 2*p.t35 + turnaround + w.Pause
}

// line is the framing and speed of the line that limits the connection; nil when there is none, or of unknown speed.
func (w Wire) line() (framing, pace) {
	f := newFraming(w.Transport)
	if w.Transport == "rtu" || w.Transport == "ascii" {
		return f, newPace(w.Serial)
	}
	if w.GatewayBaud == 0 {
		return nil, pace{}
	}
	if f == nil {
		f = rtu{} // what Modbus TCP is translated to
	}
	return f, newPace(behindGateway(w.GatewayBaud))
}

// IsLine reports that the speed of a serial line decides.
func (w Wire) IsLine() bool {
	f, _ := w.line()
	return f != nil
}

// behindGateway is the line that a gateway has, as far as its rate tells.
func behindGateway(baud int) Serial { return Serial{Baud: baud, Data: 8, Stop: 1, Parity: "even"} }
