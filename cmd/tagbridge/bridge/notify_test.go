package bridge

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// systemd is a notification socket of the test's own.
type systemd struct {
	t    *testing.T
	conn *net.UnixConn
}

func newSystemd(t *testing.T) *systemd {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return &systemd{t, conn}
}

// expect waits for a message with a line that begins with prefix, and returns the rest of that line; those before it
// must not have a line that begins with none of but.
func (s *systemd) expect(prefix string, but ...string) string {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(patienceOfTests))
	buf := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			s.t.Fatalf("waiting for %s: %v", prefix, err)
		}
		for _, line := range strings.Split(string(buf[:n]), "\n") {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return rest
			}
			for _, not := range but {
				if strings.HasPrefix(line, not) {
					s.t.Fatalf("%s came before %s", line, prefix)
				}
			}
		}
	}
}

func TestSystemdIsTold(t *testing.T) {
	s := newSystemd(t)
	t.Setenv("WATCHDOG_USEC", "300000")
	r := newRig(t)
	b := r.reloading()
	s.expect("READY=1")
	s.expect("WATCHDOG=1")
	b.hup()
	us, err := strconv.ParseInt(s.expect("MONOTONIC_USEC=", "READY=1"), 10, 64)
	if err != nil || us <= 0 {
		t.Errorf("MONOTONIC_USEC=%d, %v", us, err)
	}
	s.expect("READY=1")
	r.edit("plant.yaml", "unit_id", "unit")
	b.hup()
	s.expect("RELOADING=1", "READY=1")
	if status := s.expect("STATUS="); !strings.Contains(status, "of 2 devices online") || !strings.Contains(status, "problems") {
		t.Errorf("status %q", status)
	}
	b.stop()
	s.expect("STOPPING=1")
}

func TestWatchdogIsNotFedWhenSomethingIsStuck(t *testing.T) {
	s := newSystemd(t)
	t.Setenv("WATCHDOG_USEC", "3")
	n := newNotifier(filepathOf(s))
	stuck := "line x"
	n.beat(func() string { return stuck }, func() string { return "fine" })
	s.expect("STATUS=fine", "WATCHDOG=1")
	stuck = ""
	n.beat(func() string { return stuck }, func() string { return "fine" })
	s.expect("WATCHDOG=1")
}

func filepathOf(s *systemd) string { return s.conn.LocalAddr().String() }
