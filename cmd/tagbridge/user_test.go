package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sys/unix"
)

// From a pipe the first line is the password.
func TestUserAddFromPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	var out, errs bytes.Buffer
	std := streams{in: strings.NewReader("correct horse\r\nnot this\n"), out: &out, err: &errs}
	if status := execute(t.Context(), []string{"user", "add", path, "anna", "--edit"}, std); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	holdsUser(t, path, "anna", "correct horse", ":edit")
	if !strings.Contains(out.String(), "may edit") || strings.Contains(out.String()+errs.String(), "horse") {
		t.Errorf("printed %q and %q", out.String(), errs.String())
	}
}

func holdsUser(t *testing.T, path, name, password, end string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hash, ok := strings.CutPrefix(strings.TrimSuffix(string(b), end+"\n"), name+":")
	if !ok || bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil {
		t.Errorf("the file holds %q, which is not %s with that password", b, name)
	}
}

// terminal is a pseudo-terminal: what a child shows on the far end, the near end reads.
func terminal(t *testing.T) (near, far *os.File) {
	t.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	if err := unix.IoctlSetPointerInt(int(near.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(int(near.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return near, far
}

// echoes reports whether the terminal shows what is typed.
func echoes(t *testing.T, f *os.File) bool {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return s.Lflag&unix.ECHO != 0
}

// spoken is what a process prints, to be looked at while it does.
type spoken struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func awaitThat(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: still not", what)
		}
	}
}

// asked runs user add on a terminal, and answers its questions.
func asked(t *testing.T, path string, answers ...string) (text string, err error) {
	t.Helper()
	near, far := terminal(t)
	cmd := exec.Command(os.Args[0], "user", "add", path, "anna")
	cmd.Env = append(os.Environ(), childRole+"=main")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // Ctrl-C is for who has the terminal
	var out spoken
	cmd.Stdin, cmd.Stdout, cmd.Stderr = far, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for i, a := range answers {
		prompt := []string{"password of anna: ", "the same again: "}[i]
		awaitThat(t, prompt, func() bool { return strings.Contains(out.String(), prompt) })
		awaitThat(t, "no echo", func() bool { return !echoes(t, far) })
		if _, err := io.WriteString(near, a); err != nil {
			t.Fatal(err)
		}
	}
	err = cmd.Wait()
	if !echoes(t, far) {
		t.Error("the terminal is left without its echo")
	}
	far.Close()
	shown, _ := io.ReadAll(near) // until EIO: nobody has the far end any more
	if strings.Contains(string(shown)+out.String(), "horse") {
		t.Errorf("the password was shown: %q, %q", shown, out.String())
	}
	return out.String(), err
}

func TestUserAddOnATerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	if said, err := asked(t, path, "correct horse\n", "other horse\n"); err == nil || !strings.Contains(said, "differ") {
		t.Errorf("two passwords that differ: %v, %s", err, said)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was written all the same")
	}
	if said, err := asked(t, path, "\x03"); err == nil {
		t.Errorf("Ctrl-C was taken for a password: %s", said)
	}
	if said, err := asked(t, path, "correct horse\n", "correct horse\n"); err != nil {
		t.Errorf("user add: %v, %s", err, said)
	}
	holdsUser(t, path, "anna", "correct horse", "")
}
