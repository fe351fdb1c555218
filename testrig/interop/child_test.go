//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// need ends the test when what it needs is not installed: skipped by hand, failed where everything has to be there.
func need(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("TAGBRIDGE_INTEROP_REQUIRED") != "":
		t.Fatalf("%s is needed: %v", what, err)
	default:
		t.Skipf("%s is not installed: %v", what, err)
	}
}

// child is a process that a test started. It ends with the test, or with the test process.
type child struct {
	cmd    *exec.Cmd
	stderr log
	done   chan struct{} // closed when the process has ended
	err    error         // of Wait; read after done
}

// launch starts cmd. What it says on standard error is shown if the test fails.
func launch(t *testing.T, cmd *exec.Cmd) *child {
	t.Helper()
	c := &child{cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = &c.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, c.stderr.tail(8000))
		}
	})
	return c
}

// kill ends the process at once, if it still runs.
func (c *child) kill() {
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		panic(fmt.Sprintf("kill %d: %v", c.cmd.Process.Pid, err))
	}
	<-c.done
}

// terminate asks the process to end and returns how it did.
func (c *child) terminate(t *testing.T) error {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("terminate %s: %v", c.cmd.Path, err)
	}
	select {
	case <-c.done:
		return c.err
	case <-time.After(20 * time.Second):
		t.Fatalf("%s does not end", c.cmd.Path)
		return nil
	}
}

// serve starts a server that prints "port N" once it listens on 127.0.0.1, and returns N.
func serve(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = in
	c := launch(t, cmd)
	in.Close() // the child has its own
	defer out.Close()
	line, err := firstLine(out, c)
	if err != nil {
		t.Fatalf("%s did not start: %v", cmd.Path, err)
	}
	var port int
	if _, err := fmt.Sscanf(line, "port %d", &port); err != nil {
		t.Fatalf("%s printed %q, want its port", cmd.Path, line)
	}
	return port
}

// firstLine is the first line that c prints; an end of c is the end of out as well.
func firstLine(out *os.File, c *child) (string, error) {
	if err := out.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if errors.Is(err, io.EOF) {
		<-c.done
		return "", fmt.Errorf("ended: %w", c.err)
	}
	return line, err
}

// log keeps what a child writes, for whoever looks at it meanwhile.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// tail is the last n bytes written.
func (l *log) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buf.Bytes()
	return string(b[max(0, len(b)-n):])
}

// await waits until done, looking again every now and then.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(60 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited a minute for %s", what)
		}
	}
}
