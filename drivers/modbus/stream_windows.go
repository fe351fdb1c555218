package modbus

import (
	"errors"
	"os"
	"time"
)

// pollLeast is the shortest wait for input: the runtime's poller looks at a socket only while somebody waits for it.
const pollLeast = time.Millisecond

// poll waits by the connection's deadline: a socket of Windows cannot be read beside the runtime's poller.
func (s *socketStream) poll(b []byte, wait time.Duration) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(max(wait, pollLeast))); err != nil {
		return 0, err
	}
	n, err := s.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return n, err
}
