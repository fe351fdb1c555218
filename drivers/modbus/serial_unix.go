//go:build !windows

package modbus

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/goburrow/serial"
	"golang.org/x/sys/unix"
)

// serialStream is a serial port. goburrow/serial sets it up and restores it; reading and writing go through a
// descriptor of our own: that of the library reads with select, which knows no descriptor above 1023 and cannot be
// broken off, and takes short writes for whole ones. Ours waits in the runtime's poller like a socket.
type serialStream struct {
	*os.File
	raw  syscall.RawConn
	port serial.Port
}

func (s *serialStream) poll(b []byte, wait time.Duration) (int, error) {
	return rawPoll(s.raw, b, wait)
}

// Close restores the port's settings and lets go of it and its lock.
func (s *serialStream) Close() error {
	return errors.Join(s.port.Close(), s.File.Close())
}

// openPort opens a port for this process alone.
func openPort(o LinkOptions) (stream, error) {
	f, err := os.OpenFile(o.Address, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, portError(o.Address, err)
	}
	s := &serialStream{File: f}
	if s.raw, err = f.SyscallConn(); err == nil {
		err = s.isPort(o.Address)
	}
	if err == nil {
		err = s.lock(o.Address)
	}
	if err == nil {
		err = s.setUp(o)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

// isPort is an error for what is no serial port; the library would print one of its own at each try.
func (s *serialStream) isPort(path string) error {
	var err error
	if failed := s.raw.Control(func(fd uintptr) { _, err = unix.IoctlGetTermios(int(fd), getTermios) }); failed != nil {
		return failed
	}
	if errors.Is(err, unix.ENOTTY) {
		return fmt.Errorf("%s is not a serial port; %s", path, portList())
	}
	return nil
}

// lock keeps other processes that lock, and other lines of this one, from the port.
func (s *serialStream) lock(path string) error {
	var err error
	if failed := s.raw.Control(func(fd uintptr) {
		err = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB)
	}); failed != nil {
		return failed
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		return inUse(path, err)
	}
	return err
}

var parities = map[string]string{"none": "N", "even": "E", "odd": "O"}

// setUp has the library set the port's parameters, then has reads wait for a byte instead of returning without one.
func (s *serialStream) setUp(o LinkOptions) error {
	port, err := serial.Open(&serial.Config{
		Address:  o.Address,
		BaudRate: o.Serial.Baud,
		DataBits: o.Serial.Data,
		StopBits: o.Serial.Stop,
		Parity:   parities[o.Serial.Parity],
		RS485: serial.RS485Config{
			Enabled:            o.RS485.Enabled,
			DelayRtsBeforeSend: o.RS485.RTSBefore,
			DelayRtsAfterSend:  o.RS485.RTSAfter,
			RtsHighDuringSend:  true,
		},
	})
	if err != nil {
		return setUpError(o, err)
	}
	var failed error
	err = s.raw.Control(func(fd uintptr) {
		t, err := unix.IoctlGetTermios(int(fd), getTermios)
		if err == nil {
			t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
			err = unix.IoctlSetTermios(int(fd), setTermios, t)
		}
		if err == nil {
			err = flushPort(int(fd))
		}
		failed = err
	})
	if err = errors.Join(err, failed); err != nil {
		port.Close()
		return fmt.Errorf("set up serial port %s: %w", o.Address, err)
	}
	s.port = port
	return nil
}
