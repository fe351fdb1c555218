//go:build !linux

package plc

import (
	"errors"
	"time"
)

// errLinux is why there is no serial line: pseudo-terminals that pass bytes as they are differ from system to system.
var errLinux = errors.New("a serial line is simulated on Linux only: write tcp:// or rtuovertcp:// in place of the port")

// OpenPTY makes no pseudo-terminal here.
func OpenPTY(LineOptions) (*Line, error) { return nil, errLinux }

// OpenPort takes no port here.
func OpenPort(string, LineOptions) (*Line, error) { return nil, errLinux }

func nanosleep(d time.Duration) { time.Sleep(d) }
