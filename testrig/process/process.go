// Package process builds and runs the bridge as users do, in processes of its own. It is for tests only, and knows no more of the bridge
// than what it is called, what it takes and what it prints.
package process

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built is the program, for all tests of a process.
var built struct {
	sync.Once
	dir string
	err error
}

// Built is the program as it is shipped, without the race detector, whose programs end otherwise; it is built once. Call Clean after the
// last test.
func Built(t testing.TB) string {
	t.Helper()
	b := &built
	b.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "tagbridge"); b.err != nil {
			return
		}
		build := exec.Command("go", "build", "-o", filepath.Join(b.dir, "tagbridge"), "tagbridge/cmd/tagbridge")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("build the bridge: %v\n%s", err, out)
		}
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return filepath.Join(b.dir, "tagbridge")
}

// Clean removes what Built built.
func Clean() {
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
}

// Typed runs one command line of the program, with standard input and more environment, and returns its exit status and what it printed.
func Typed(t testing.TB, in string, env []string, args ...string) (status int, out, complaints string) {
	t.Helper()
	cmd := exec.Command(Built(t), args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), env...), strings.NewReader(in)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Error(err)
		return -1, "", err.Error()
	}
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

// Polling starts cmd, which runs a bridge that logs to standard error, and returns when it polls. It is killed at the end of the test.
func Polling(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := &lastLines{}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("process %d logged:\n%s", cmd.Process.Pid, seen)
		}
	})
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		seen.add(line)
		if strings.Contains(line, "msg=polling") {
			go seen.addAll(lines) // it ends with the process
			return
		}
		if err != nil {
			t.Fatalf("it never polled: %v\n%s", err, seen)
		}
	}
}

// lastLines is the end of a log.
type lastLines struct {
	mu    sync.Mutex
	lines []string
}

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines[max(0, len(l.lines)-200):], line)
}

func (l *lastLines) addAll(lines *bufio.Reader) {
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		l.add(line)
	}
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "")
}

// Folder is a folder of the test that holds the files, by name.
func Folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
