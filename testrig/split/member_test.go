package split

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"tagbridge/testrig/cable"
)

// member is a bridge on a PC of its own.
type member struct {
	*rig
	name    string
	at      int // among members
	cables  []*cable.Cable
	address string // of its API
	cmd     *exec.Cmd
	frozen  bool
}

// said is what a member knows of its cluster.
type said struct {
	Node     string
	Attached bool
	Problem  string
	Servers  []struct{ Server, Error string }
	Members  []struct {
		Node           string
		Joined, Silent bool
		Reads          int
	}
	Endpoints []struct{ Endpoint, Owner string }
	Copy      struct {
		Copied uint64
		Error  string
	}
}

// start starts the process. It does not wait until it is ready.
func (m *member) start() {
	m.Helper()
	if m.cmd != nil {
		return
	}
	dir := filepath.Join(m.dir, m.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		m.Fatal(err)
	}
	m.address = m.net.api(m)
	path := filepath.Join(dir, "plant.yaml")
	if err := os.WriteFile(path, []byte(m.config(m)), 0o600); err != nil {
		m.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		m.Fatal(err)
	}
	defer log.Close()
	cmd := m.net.command(m, m.bin, "run", path)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		m.Fatal(err)
	}
	m.cmd, m.frozen = cmd, false
}

func (m *member) signal(s syscall.Signal) {
	if m.cmd != nil {
		m.cmd.Process.Signal(s)
	}
}

// kill ends the process as a power cut would.
func (m *member) kill() {
	m.signal(syscall.SIGKILL)
	m.gone()
}

// stop ends it as systemd would.
func (m *member) stop() {
	m.signal(syscall.SIGTERM)
	m.gone()
}

func (m *member) gone() {
	if m.cmd != nil {
		_ = m.cmd.Wait() // which says how it was ended
		m.cmd = nil
	}
}

// end ends it when the test does.
func (m *member) end() { m.kill() }

func (m *member) freeze() {
	m.signal(syscall.SIGSTOP)
	m.frozen = true
}

func (m *member) thaw() {
	if m.frozen {
		m.signal(syscall.SIGCONT)
		m.frozen = false
	}
}

// cut has all its cables to NATS be so.
func (m *member) cut(there, back cable.Way) {
	for _, c := range m.cables {
		c.Set(there, back)
	}
}

// state is what it knows.
func (m *member) state() (s said, err error) {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(_ context.Context, _, address string) (net.Conn, error) { return m.net.dial(m, address) },
	}}
	answer, err := client.Get("http://" + m.address + "/api/v1/cluster")
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("%s", answer.Status)
	}
	return s, json.NewDecoder(answer.Body).Decode(&s)
}

// reads is which PLCs it reads, as it says.
func (m *member) reads() (list []int) {
	s, err := m.state()
	if err != nil {
		m.Fatalf("%s: %v\n%s", m.name, err, m.lastLog())
	}
	for i, e := range s.Endpoints {
		if e.Owner == m.name {
			list = append(list, i)
		}
	}
	return list
}

func (m *member) lastLog() string {
	text, _ := os.ReadFile(filepath.Join(m.dir, m.name, "log"))
	return string(text[max(0, len(text)-3000):])
}
