package plc

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// OpenPTY makes a pseudo-terminal for units to answer on: whoever opens Path is the master of the line.
func OpenPTY(o LineOptions) (*Line, error) {
	l, err := newLine(o)
	if err != nil {
		return nil, err
	}
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("make pseudo-terminal: %w", err)
	}
	var number int
	err = withFD(near, func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
		number = int(n)
		return err
	})
	path := "/dev/pts/" + strconv.Itoa(number)
	var far *os.File
	if err == nil {
		far, err = openRaw(path, 0)
	}
	if err != nil {
		near.Close()
		return nil, fmt.Errorf("make pseudo-terminal: %w", err)
	}
	return &Line{line: l, path: path, file: near, other: far}, nil
}

// OpenPort takes a serial port for units to answer on, at the line's rate.
func OpenPort(path string, o LineOptions) (*Line, error) {
	l, err := newLine(o)
	if err != nil {
		return nil, err
	}
	f, err := openRaw(path, o.Baud)
	if err != nil {
		return nil, fmt.Errorf("serve on %s: %w", path, err)
	}
	l.char = 0 // the port takes the time
	return &Line{line: l, path: path, file: f}, nil
}

// rates are the system's names of rates.
var rates = map[int]uint32{
	1200: unix.B1200, 2400: unix.B2400, 4800: unix.B4800, 9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400,
	57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
}

// openRaw opens a terminal so that bytes pass as they are.
func openRaw(path string, baud int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	err = withFD(f, func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cflag = t.Cflag&unix.CBAUD | unix.CS8 | unix.CREAD | unix.CLOCAL
		if r, ok := rates[baud]; ok {
			t.Cflag = t.Cflag&^unix.CBAUD | r
			t.Ispeed, t.Ospeed = r, r
		}
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		return unix.IoctlSetTermios(fd, unix.TCSETS, t)
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// withFD calls do with the descriptor of f.
func withFD(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = do(int(fd)) }); err != nil {
		return err
	}
	return failed
}

// nanosleep waits exactly: the runtime's timers are of whole milliseconds.
func nanosleep(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	syscall.Nanosleep(&t, nil)
}
