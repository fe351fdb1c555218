package plc

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults. Those about frames leave the rest of the frame as it should be.
const (
	Delay            FaultKind = "delay"       // answers late, by Delay and up to Jitter more; others on the connection wait
	Silence          FaultKind = "silence"     // does not answer
	Exception        FaultKind = "exception"   // answers exception Code
	Drop             FaultKind = "drop"        // ends the connection instead of answering
	Truncate         FaultKind = "truncate"    // sends half of the frame, or its first Bytes, and no more of it
	Garble           FaultKind = "garble"      // turns random bits of one byte behind the header
	WrongLength      FaultKind = "length"      // says one byte more in the header than follow, or Bytes more (may be negative)
	WrongByteCount   FaultKind = "bytecount"   // says two bytes more in the PDU than follow
	ShortPDU         FaultKind = "short"       // a well-formed frame with one register less than asked for
	Duplicate        FaultKind = "duplicate"   // answers twice
	WrongTransaction FaultKind = "transaction" // answers with the transaction id of nobody
	WrongUnit        FaultKind = "unit"
	WrongFunction    FaultKind = "function"
	Late             FaultKind = "late" // keeps the answer back and sends it before that to the connection's next request
)

// FaultKinds are all kinds.
var FaultKinds = []FaultKind{
	Delay, Silence, Exception, Drop, Truncate, Garble, WrongLength, WrongByteCount, ShortPDU, Duplicate,
	WrongTransaction, WrongUnit, WrongFunction, Late,
}

// Fault says what goes wrong with which requests.
type Fault struct {
	Kind     FaultKind
	Function byte // 0: any
	First    int  // requests that touch an address of First to First+Count-1
	Count    int  // 0: up to the last address
	Delay    time.Duration
	Jitter   time.Duration
	Code     byte          // exception code; 0: 4
	Bytes    int           // of Truncate and WrongLength
	OneIn    int           // one request in so many, by chance; 0: every one
	Times    int           // then it is over; 0: no end
	For      time.Duration // then it is over; 0: no end
}

// Validate tells what makes no sense.
func (f Fault) Validate() error {
	switch {
	case !slices.Contains(FaultKinds, f.Kind) && !slices.Contains(LineFaultKinds, f.Kind):
		return fmt.Errorf("fault %q: no such kind", f.Kind)
	case f.First < 0 || f.Count < 0 || f.First+f.Count > 1<<16:
		return fmt.Errorf("fault %s: addresses from %d on, %d of them", f.Kind, f.First, f.Count)
	case f.Delay < 0 || f.Jitter < 0 || f.OneIn < 0 || f.Times < 0 || f.For < 0:
		return fmt.Errorf("fault %s: a number is negative", f.Kind)
	case f.Kind == Delay && f.Delay+f.Jitter == 0:
		return fmt.Errorf("fault delay: of 0")
	}
	return nil
}

// fault is a fault at work.
type fault struct {
	Fault
	until time.Time // zero: no end
	done  int
}

// Inject lets u fail as f says until f is over or lift is called. Several faults at once all do what they do, in the
// order they came. It panics when f makes no sense: see Fault.Validate.
func (u *Unit) Inject(f Fault) (lift func()) {
	if err := f.Validate(); err != nil {
		panic("plc: " + err.Error())
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	a := &fault{Fault: f}
	if f.For > 0 {
		a.until = u.clock().Add(f.For)
	}
	u.faults = append(u.faults, a)
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.faults = slices.DeleteFunc(u.faults, func(b *fault) bool { return a == b })
	}
}

// ClearFaults ends all faults.
func (u *Unit) ClearFaults() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.faults = nil
}

// over reports a fault that has run out.
func (f *fault) over(now time.Time) bool {
	return f.Times > 0 && f.done >= f.Times || !f.until.IsZero() && !now.Before(f.until)
}

// hits decides whether f strikes r.
func (u *Unit) hits(f *fault, r request) bool {
	end := f.First + f.Count
	if f.Count == 0 {
		end = 1 << 16
	}
	switch {
	case f.Function != 0 && f.Function != r.function:
		return false
	case int(r.first) >= end || int(r.first)+int(max(r.count, 1)) <= f.First:
		return false
	case f.OneIn > 1 && u.chance.IntN(f.OneIn) != 0:
		return false
	}
	f.done++
	return true
}

// spoil does to the frame at b[start:] what f says.
func (u *Unit) spoil(f *fault, b []byte, start int, r *reply) []byte {
	own := b[start:]
	switch f.Kind {
	case Delay:
		r.pause += f.Delay
		if f.Jitter > 0 {
			r.pause += u.jitter(f)
		}
	case Silence:
		return b[:start]
	case Drop:
		r.drop = true
		return b[:start]
	case Late:
		r.hold = true
	case Duplicate:
		return append(b, own...)
	case Truncate:
		keep := f.Bytes
		if keep <= 0 {
			keep = len(own) / 2
		}
		return b[:start+min(keep, len(own))]
	}
	if len(own) >= headerSize+2 {
		return u.mangle(f, b, start)
	}
	return b
}

func (u *Unit) jitter(f *fault) time.Duration { return time.Duration(u.chance.Int64N(int64(f.Jitter))) }

// mangle changes bytes of a whole frame.
func (u *Unit) mangle(f *fault, b []byte, start int) []byte {
	own := b[start:]
	switch f.Kind {
	case Garble:
		own[headerSize+u.chance.IntN(len(own)-headerSize)] ^= byte(1 + u.chance.IntN(255))
	case WrongLength:
		by := f.Bytes
		if by == 0 {
			by = 1
		}
		binary.BigEndian.PutUint16(own[4:], uint16(len(own)-6+by))
	case WrongByteCount:
		own[headerSize+1] += 2
	case ShortPDU:
		if own[headerSize+1] >= 2 && len(own) > headerSize+3 {
			own[headerSize+1] -= 2
			b = b[:len(b)-2]
			closeFrame(b[start:])
		}
	case WrongTransaction:
		binary.BigEndian.PutUint16(own, binary.BigEndian.Uint16(own)+0x5555)
	case WrongUnit:
		own[6]++
	case WrongFunction:
		own[headerSize] ^= 0x07
	}
	return b
}
