package modbus

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/windows"
)

// serialStream is a port of Windows: rtu:///COM3. Its reads wait as long as the port's timeouts say, which are set before
// each; nobody else can open it meanwhile.
type serialStream struct {
	handle windows.Handle
	before windows.DCB

	mu     sync.Mutex
	until  time.Time
	closed bool
}

// openPort opens a port for this process alone.
func openPort(o LinkOptions) (stream, error) {
	if o.RS485.Enabled {
		return nil, errors.New("direction control by rs485 is there on Linux only: leave it out, adapters do it themselves")
	}
	name, err := windows.UTF16PtrFromString(`\\.\` + strings.TrimPrefix(o.Address, "/"))
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return nil, portError(o.Address, &os.PathError{Op: "open", Path: o.Address, Err: err})
	}
	s := &serialStream{handle: h}
	if err := s.setUp(o); err != nil {
		windows.CloseHandle(h)
		return nil, fmt.Errorf("%s is not a serial port, or cannot be set so: %w", o.Address, err)
	}
	return s, nil
}

// Flags of a DCB (winbase.h); package windows has no names for them.
const (
	dcbBinary = 1 << 0
	dcbParity = 1 << 1
)

func (s *serialStream) setUp(o LinkOptions) error {
	if err := windows.GetCommState(s.handle, &s.before); err != nil {
		return err
	}
	d := windows.DCB{BaudRate: uint32(o.Serial.Baud), ByteSize: uint8(o.Serial.Data), Flags: dcbBinary}
	d.DCBlength = s.before.DCBlength
	switch o.Serial.Parity {
	case "odd":
		d.Parity, d.Flags = windows.ODDPARITY, d.Flags|dcbParity
	case "even":
		d.Parity, d.Flags = windows.EVENPARITY, d.Flags|dcbParity
	}
	if o.Serial.Stop == 2 {
		d.StopBits = windows.TWOSTOPBITS
	}
	if err := windows.SetCommState(s.handle, &d); err != nil {
		return err
	}
	return windows.PurgeComm(s.handle, windows.PURGE_RXCLEAR|windows.PURGE_TXCLEAR)
}

// longestRead is how long one call waits: the end of a deadline that is moved meanwhile is seen after it.
const longestRead = 20 * time.Millisecond

// Read implements stream.
func (s *serialStream) Read(b []byte) (int, error) {
	for {
		s.mu.Lock()
		rest := time.Until(s.until)
		s.mu.Unlock()
		if rest <= 0 {
			return 0, os.ErrDeadlineExceeded
		}
		if n, err := s.poll(b, min(rest, longestRead)); n > 0 || err != nil {
			return n, err
		}
	}
}

// poll implements stream: it returns with what is there, or as soon as something comes.
func (s *serialStream) poll(b []byte, wait time.Duration) (int, error) {
	t := windows.CommTimeouts{ReadIntervalTimeout: math.MaxUint32, WriteTotalTimeoutConstant: 5000}
	if ms := uint32((wait + time.Millisecond - 1) / time.Millisecond); ms > 0 {
		t.ReadTotalTimeoutMultiplier, t.ReadTotalTimeoutConstant = math.MaxUint32, ms
	}
	if err := windows.SetCommTimeouts(s.handle, &t); err != nil {
		return 0, err
	}
	var n uint32
	err := windows.ReadFile(s.handle, b, &n, nil)
	return int(n), err
}

// Write implements stream.
func (s *serialStream) Write(b []byte) (int, error) {
	var n uint32
	if err := windows.WriteFile(s.handle, b, &n, nil); err != nil {
		return int(n), err
	}
	if int(n) < len(b) {
		return int(n), os.ErrDeadlineExceeded
	}
	return len(b), nil
}

// SetDeadline implements stream.
func (s *serialStream) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetReadDeadline implements stream.
func (s *serialStream) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = t
	return nil
}

// Close puts the port's settings back and lets go of it.
func (s *serialStream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return os.ErrClosed
	}
	s.closed = true
	_ = windows.SetCommState(s.handle, &s.before) // the adapter may be gone
	return windows.CloseHandle(s.handle)
}
