package modbus

import "time"

// Serial is the parameters of a serial line.
type Serial struct {
	Baud, Data, Stop int
	Parity           string // none even odd
}

// pace is how long things take on a line. The zero value is that of a line of unknown speed, on which nothing is waited
// for.
//
// There is no t1.5, the longest silence that the specification allows within a frame: USB adapters hand characters over
// in chunks, up to 16 ms apart, so that good frames seem to have longer ones. A frame is told whole by its length and
// its check; see split for how long it may pause. What is sent is written at once.
type pace struct {
	char time.Duration // one character
	t35  time.Duration // the shortest one between frames
}

// fixedAbove is the rate above which the silences do not become shorter (serial line V1.02, 2.5.1.1).
const fixedAbove = 19200

// newPace is that of a line.
func newPace(s Serial) pace {
	if s.Baud <= 0 {
		return pace{}
	}
	p := pace{char: time.Duration(s.bits()) * time.Second / time.Duration(s.Baud)}
	p.t35 = p.char * 7 / 2
	if s.Baud > fixedAbove {
		p.t35 = 1750 * time.Microsecond
	}
	return p
}

// bits are those of a character: start, data, parity and stop.
func (s Serial) bits() int {
	n := 1 + s.Data + s.Stop
	if s.Parity != "none" {
		n++
	}
	return n
}

// chars is how long n characters take.
func (p pace) chars(n int) time.Duration { return time.Duration(n) * p.char }
