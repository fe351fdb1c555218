package split

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tagbridge/testrig/port"
)

// network is where members live.
type network interface {
	host() string         // of servers, cables and PLCs
	api(m *member) string // a free address for its API
	command(m *member, args ...string) *exec.Cmd
	dial(m *member, address string) (net.Conn, error)
	pull(m *member) // its cable: it reaches nobody, and nobody it
	plug(m *member)
}

// loopback is one network for all; a cable that is pulled is one of those to NATS.
type loopback struct{}

func (loopback) host() string         { return "127.0.0.1" }
func (loopback) api(m *member) string { return port.Free(m) }
func (loopback) command(_ *member, args ...string) *exec.Cmd {
	return exec.Command(args[0], args[1:]...)
}
func (loopback) dial(_ *member, address string) (net.Conn, error) {
	return net.DialTimeout("tcp", address, 2*time.Second)
}
func (loopback) pull(m *member) { m.cut(silent, silent) }
func (loopback) plug(m *member) { m.cut(whole, whole) }

// spaces gives each member a network namespace of its own, with a cable to a switch that the plant is at.
type spaces struct {
	t      *testing.T
	id     string
	subnet string // 10.x.y.
	made   map[string]bool
}

// networks counts those of this process.
var networks atomic.Int32

// newNetwork makes networks of their own where that is possible: by root of Linux with iproute2. Elsewhere all is on loopback.
func newNetwork(t *testing.T) network {
	n := int(networks.Add(1))
	s := &spaces{t: t, id: fmt.Sprintf("tb%x%d", os.Getpid(), n), made: map[string]bool{}}
	s.subnet = fmt.Sprintf("10.%d.%d.", 100+(os.Getpid()+n)%150, os.Getpid()/150%250)
	if out, err := run("ip", "link", "add", s.id, "type", "bridge"); err != nil {
		t.Logf("no networks of their own for members here, cables are pulled between them and NATS only: %v %s", err, out)
		return loopback{}
	}
	t.Cleanup(func() { run("ip", "link", "del", s.id) })
	if out, err := run("ip", "netns", "add", s.id); err != nil {
		t.Logf("no networks of their own for members here, cables are pulled between them and NATS only: %v %s", err, out)
		return loopback{}
	}
	s.must("ip", "netns", "del", s.id)
	s.must("ip", "addr", "add", s.subnet+"1/24", "dev", s.id)
	s.must("ip", "link", "set", s.id, "up")
	return s
}

func run(args ...string) (string, error) {
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (s *spaces) must(args ...string) {
	s.t.Helper()
	if out, err := run(args...); err != nil {
		s.t.Fatalf("%v: %v %s", args, err, out)
	}
}

func (s *spaces) host() string         { return s.subnet + "1" }
func (s *spaces) api(m *member) string { return "127.0.0.1:8080" }

func (s *spaces) name(m *member) string { return fmt.Sprintf("%s%c", s.id, 'a'+m.at) }

func (s *spaces) command(m *member, args ...string) *exec.Cmd {
	name := s.name(m)
	if !s.made[name] {
		s.made[name] = true
		s.must("ip", "netns", "add", name)
		s.t.Cleanup(func() { run("ip", "netns", "del", name) })
		s.must("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
		s.must("ip", "link", "set", name, "master", s.id, "up")
		s.must("ip", "-n", name, "addr", "add", fmt.Sprintf("%s%d/24", s.subnet, m.at+2), "dev", "eth0")
		s.must("ip", "-n", name, "link", "set", "eth0", "up")
		s.must("ip", "-n", name, "link", "set", "lo", "up")
	}
	return exec.Command("ip", append([]string{"netns", "exec", name}, args...)...)
}

// dial dials from where the member lives.
func (s *spaces) dial(m *member, address string) (net.Conn, error) {
	runtime.LockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	defer own.Close()
	its, err := os.Open("/run/netns/" + s.name(m))
	if err != nil {
		return nil, err
	}
	defer its.Close()
	if err := unix.Setns(int(its.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp", address, 2*time.Second)
	if back := unix.Setns(int(own.Fd()), unix.CLONE_NEWNET); back != nil {
		return nil, back // the thread stays locked, and ends with its goroutine
	}
	runtime.UnlockOSThread()
	return conn, err
}

func (s *spaces) pull(m *member) { s.must("ip", "link", "set", s.name(m), "down") }
func (s *spaces) plug(m *member) { s.must("ip", "link", "set", s.name(m), "up") }
