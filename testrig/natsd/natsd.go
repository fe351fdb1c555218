// Package natsd is a real NATS server, of a process of its own that can be killed. It is for tests only: the server is larger
// than the bridge, and must never be linked into it.
package natsd

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"tagbridge/testrig/port"
)

// childEnv names the file with the configuration of the server that a test's program is to be.
const childEnv = "TAGBRIDGE_NATSD_CONFIG"

// Child makes this process a server, if it was started for that, and then does not return. Call it first in TestMain.
func Child() {
	path := os.Getenv(childEnv)
	if path == "" {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // which ends with the test
		os.Exit(1)
	}()
	o, err := server.ProcessConfigFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	o.NoSigs = false
	s, err := server.NewServer(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.ConfigureLogger()
	s.Start()
	s.WaitForShutdown()
	os.Exit(0)
}

// Server is one server, whose files and port stay while it is stopped.
type Server struct {
	Address string // host:port of clients
	config  string
	log     string
	cmd     *exec.Cmd
	hold    io.Closer
	said    strings.Builder // on standard error
}

// New starts a server with JetStream; more is appended to its configuration.
func New(t testing.TB, more string) *Server {
	t.Helper()
	s := prepare(t, "one", jetStream, more)
	s.Start(t)
	return s
}

// Plain starts a server without JetStream; more is appended to its configuration.
func Plain(t testing.TB, more string) *Server {
	t.Helper()
	s := prepare(t, "one", "", more)
	s.Start(t)
	return s
}

// Cluster starts n servers of one cluster, with JetStream.
func Cluster(t testing.TB, n int) []*Server {
	t.Helper()
	return ClusterWith(t, n, "")
}

// ClusterWith is Cluster; more is appended to the configuration of each.
func ClusterWith(t testing.TB, n int, more string) []*Server {
	t.Helper()
	routes := make([]string, n)
	all := ""
	for i := range routes {
		routes[i] = port.Free(t)
		all += fmt.Sprintf("%q, ", "nats://"+routes[i])
	}
	list := make([]*Server, n)
	for i := range list {
		list[i] = prepare(t, fmt.Sprint("n", i), jetStream, fmt.Sprintf("cluster { name: c, listen: %q, routes: [%s] }\n%s", routes[i], all, more))
		list[i].launch(t)
	}
	for _, s := range list { // none takes clients before it knows others
		s.await(t)
	}
	return list
}

// jetStream is the block of a configuration for it.
const jetStream = "jetstream { store_dir: %q, max_mem: 64M, max_file: 1G }\n"

func prepare(t testing.TB, name, store, more string) *Server {
	t.Helper()
	dir := t.TempDir()
	s := &Server{Address: port.Free(t), config: filepath.Join(dir, "nats.conf"), log: filepath.Join(dir, "nats.log")}
	if store != "" {
		store = fmt.Sprintf(store, dir)
	}
	text := fmt.Sprintf("listen: %q\nserver_name: %s\nlog_file: %q\n%s%s", s.Address, name, s.log, store, more)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// Start starts it, the first time or again, and returns once it takes connections.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.launch(t)
	s.await(t)
}

func (s *Server) launch(t testing.TB) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+s.config)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr, cmd.Stdout = &s.said, &s.said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.cmd, s.hold = cmd, in
}

func (s *Server) await(t testing.TB) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(30 * time.Second); ; <-tick.C {
		c, err := net.Dial("tcp", s.Address)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(limit) {
			log, _ := os.ReadFile(s.log)
			t.Fatalf("the server does not listen: %v\n%s\n%s", err, log, s.said.String())
		}
	}
}

// Files is the folder of its configuration, its log and what it stores.
func (s *Server) Files() string { return filepath.Dir(s.config) }

// Kill ends it with SIGKILL; again, or unstarted, it does nothing.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends it as an administrator does.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Freeze has it do nothing, with its connections open; Thaw ends that.
func (s *Server) Freeze() error { return s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *Server) Thaw() error { return s.cmd.Process.Signal(syscall.SIGCONT) }

func (s *Server) end(with syscall.Signal) {
	if s.cmd == nil {
		return
	}
	err := s.cmd.Process.Signal(with)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = s.cmd.Process.Kill()
	}
	_ = s.cmd.Wait() // its status is that of the signal
	s.hold.Close()
	s.cmd = nil
}
