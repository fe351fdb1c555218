package days

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tagbridge/testrig/port"
	program "tagbridge/testrig/process"
)

// patience is for what must happen; it runs out only when something is wrong.
const patience = 2 * time.Minute

// times is how often something is done: as often as the variable says, or else so many times.
func times(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q", variable, text)
	}
	return n
}

func TestMain(m *testing.M) {
	status := m.Run()
	program.Clean()
	os.Exit(status)
}

// site is a folder in which the bridge runs.
type site struct {
	t    *testing.T
	bin  string
	dir  string
	http string // its address
	runs int
}

func newSite(t *testing.T) *site {
	return &site{t: t, bin: program.Built(t), dir: t.TempDir(), http: port.Free(t)}
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// process is one run of the bridge.
type process struct {
	s     *site
	cmd   *exec.Cmd
	log   string    // path of its log
	began time.Time // before it was started
	done  bool
}

// start starts the bridge on plant.yaml, without waiting until it is ready.
func (s *site) start() *process {
	s.t.Helper()
	s.runs++
	p := &process{s: s, log: s.path(fmt.Sprintf("log%03d", s.runs)), began: time.Now()}
	log, err := os.Create(p.log)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(s.bin, "run", s.path("plant.yaml"))
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if !p.done {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
	})
	return p
}

// ready waits until the bridge polls.
func (p *process) ready() {
	p.s.t.Helper()
	p.s.await("the bridge to be ready", func() bool {
		resp, err := http.Get("http://" + p.s.http + "/readyz")
		if err != nil {
			return false
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// kill ends it as the kernel would, and wants it to have run until now.
func (p *process) kill() {
	p.s.t.Helper()
	p.cmd.Process.Kill()
	p.done = true
	if p.cmd.Wait(); p.cmd.ProcessState.Exited() {
		p.s.t.Fatalf("run %d ended by itself: %v\n%s", p.s.runs, p.cmd.ProcessState, p.said())
	}
}

// stop ends it as systemd would.
func (p *process) stop() {
	p.s.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.done = true
	if err := p.cmd.Wait(); err != nil {
		p.s.t.Fatalf("run %d ended with %v\n%s", p.s.runs, err, p.said())
	}
}

func (p *process) hup() { p.cmd.Process.Signal(syscall.SIGHUP) }

// said is what it has logged.
func (p *process) said() string {
	text, _ := os.ReadFile(p.log)
	return string(text)
}

// await waits until done says so.
func (s *site) await(what string, done func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-look.C:
		case <-ctx.Done():
			log, _ := os.ReadFile(s.path(fmt.Sprintf("log%03d", s.runs)))
			s.t.Fatalf("waited in vain for %s; the log:\n%s", what, log[max(0, len(log)-8000):])
		}
	}
}

// verb runs another verb into the answer, which is JSON, and wants one of the statuses.
func (s *site) verb(into any, statuses []int, args ...string) []byte {
	s.t.Helper()
	cmd := exec.Command(s.bin, args...)
	cmd.Dir = s.dir
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	status := cmd.ProcessState.ExitCode()
	fine := false
	for _, want := range statuses {
		fine = fine || status == want
	}
	if !fine {
		s.t.Fatalf("%v: %v\n%s%s", args, err, &out, &complaints)
	}
	if into != nil {
		if err := json.Unmarshal(out.Bytes(), into); err != nil {
			s.t.Fatalf("%v printed %v:\n%s", args, err, &out)
		}
	}
	return out.Bytes()
}

// get asks the API.
func (s *site) get(path string, into any) {
	s.t.Helper()
	resp, err := http.Get("http://" + s.http + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v\n%s", path, resp.Status, err, body)
	}
	if text, ok := into.(*string); ok {
		*text = string(body)
		return
	}
	if err := json.Unmarshal(body, into); err != nil {
		s.t.Fatalf("%s: %v\n%s", path, err, body)
	}
}
