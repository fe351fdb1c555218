package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"tagbridge/testrig/process"
)

// childRole, in the environment, makes the test program another process: "main" is the program, "panic" the program with
// a goroutine that panics.
const childRole = "TAGBRIDGE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "panic":
		go panicSoon()
		main()
	case "main":
		main()
	}
	status := m.Run()
	process.Clean()
	os.Exit(status)
}

// panicSoon panics once the program can have begun: standard input is closed by who started it.
func panicSoon() {
	var b [1]byte
	os.Stdin.Read(b[:])
	panic("as a mistake would")
}

func built(t *testing.T) string { t.Helper(); return process.Built(t) }

func running(t *testing.T, cmd *exec.Cmd) { t.Helper(); process.Polling(t, cmd) }

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	return process.Folder(t, files)
}

// TestACrashIsADeathBySignal is what a service manager tells a crash from a bad configuration by.
func TestACrashIsADeathBySignal(t *testing.T) {
	bin := built(t)
	for _, s := range []syscall.Signal{syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGQUIT, syscall.SIGBUS} {
		t.Run(s.String(), func(t *testing.T) {
			dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://127.0.0.1:1")})
			cmd := exec.Command(bin, "run", filepath.Join(dir, "plant.yaml"))
			running(t, cmd)
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			wantDeathBySignal(t, cmd)
		})
	}
	t.Run("no memory", func(t *testing.T) {
		dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://127.0.0.1:1")})
		cmd := exec.Command(bin, "run", filepath.Join(dir, "plant.yaml"))
		running(t, cmd)
		rows := bytes.NewBufferString("tag,address\n")
		for i := range 400_000 {
			fmt.Fprintf(rows, "tag%d,holding:%d\n", i, i%65536)
		}
		if err := os.WriteFile(filepath.Join(dir, "oven.csv"), rows.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		little := unix.Rlimit{Cur: 1 << 20, Max: 1 << 20} // less than it has: it gets no more
		if err := unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_AS, &little, nil); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		wantDeathBySignal(t, cmd)
	})
}

func TestAPanicIsADeathBySignal(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://127.0.0.1:1")})
	cmd := exec.Command(os.Args[0], "run", filepath.Join(dir, "plant.yaml"))
	cmd.Env = append(os.Environ(), childRole+"=panic")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	running(t, cmd)
	in.Close()
	wantDeathBySignal(t, cmd)
}

func wantDeathBySignal(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Wait()
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.CoreDump() {
		t.Errorf("ended with %v, want death by a signal and no core", cmd.ProcessState)
	}
}
