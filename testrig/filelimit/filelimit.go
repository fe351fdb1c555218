// Package filelimit has a write stop in its middle as on a full disk, without a disk of its own: by a limit on the size
// of the files of the process.
//
// The limit holds for every file of the process, that in which go test notes what a test opens too, so that a test under
// it runs in a process of its own.
package filelimit

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

const child = "TAGBRIDGE_FILELIMIT_TEST"

// Alone reports that the test runs in a process of its own. Elsewhere it runs the test in one, fails if that fails, and
// the test is to return. t is no subtest.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(child) == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), child+"="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// Under calls f while no file can grow over n bytes. The test is Alone.
func Under(t *testing.T, n uint64, f func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}
