package journal

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tagbridge/sinks"
)

// TestMain lets the test binary stand in for another process: see TestTwoProcesses and TestKilled.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOURNAL_CHILD"); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

// child opens the journal in dir, appends numbered samples for ever and prints, line by line, up to where they are
// taken.
func child(dir string) {
	out := bufio.NewWriter(os.Stdout)
	say := func(s string) {
		out.WriteString(s + "\n")
		out.Flush()
	}
	j, err := Open(Options{Dir: dir, Sync: time.Hour})
	if err != nil {
		say(err.Error())
		return
	}
	p, _ := j.Start("s", "start")
	say("open")
	g := countGroup("a", 10)
	for n := int(j.End()); ; n += 10 {
		if err := j.Append(batchOf(g, n)); err != nil {
			say(err.Error())
			return
		}
		disk{j}.flush()
		if n%100 == 0 {
			p = j.End() - 50
			j.Ack("s", p, sinks.Dealt{})
		}
		say(strings.Join([]string{"taken", fmt.Sprint(j.End()), fmt.Sprint(p)}, " "))
	}
}

// startChild starts another process on dir; lines are what it prints.
func startChild(t *testing.T, dir string) (cmd *exec.Cmd, lines *bufio.Scanner) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_CHILD="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines = bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the other process said nothing")
	}
	return cmd, lines
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	cmd, lines := startChild(t, dir)
	if lines.Text() != "open" {
		t.Fatal(lines.Text())
	}
	if _, err := Open(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another tagbridge") {
		t.Errorf("error %v, want another tagbridge", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	j, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatalf("after the other process was killed: %v", err)
	}
	j.Close()
}

// TestKilled kills another process in mid-stream, over and over: what it said was taken is there, what it had
// acknowledged does not come again.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	for round := range 20 {
		cmd, lines := startChild(t, dir)
		var end, acked uint64
		for range 30 * (round%5 + 1) {
			if !lines.Scan() {
				t.Fatal("the other process ended")
			}
			if f := strings.Fields(lines.Text()); len(f) == 3 {
				end, acked = atou(f[1]), atou(f[2])
			}
		}
		cmd.Process.Kill()
		for lines.Scan() {
			if f := strings.Fields(lines.Text()); len(f) == 3 {
				end, acked = atou(f[1]), atou(f[2])
			}
		}
		cmd.Wait()
		j, err := Open(Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		p, _ := j.Start("s", "start")
		if uint64(p) < acked || uint64(j.End()) < end {
			t.Fatalf("round %d: the sink is at %d, the end at %d, want at least %d and %d", round, p, j.End(), acked, end)
		}
		seen, last, lost := drain(t, j, p, everything)
		if lost > 0 || !slices.Equal(values(seen), numbers(int(p), int(last-p))) {
			t.Fatalf("round %d: lost %d of %d samples, or out of order", round, lost, last-p)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRealFullDisk fills a small file system while samples come.
func TestRealFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	j, err := Open(Options{Dir: filepath.Join(dir, "journal"), Sync: time.Millisecond, Tail: 4 * chunkSize})
	if err != nil {
		t.Fatal(err)
	}
	lazy, _ := j.Start("lazy", "now")
	keen, _ := j.Start("keen", "now")
	g := countGroup("a", 100)
	n := 0
	run := func(batches int) {
		for range batches {
			appendCount(t, j, g, n)
			if n += 100; n%1000 == 0 {
				disk{j}.flush()
				disk{j}.sync()
				seen, end, lost := drain(t, j, keen, sinks.Query{Sink: "keen", Max: 5000})
				if lost > 0 || len(seen) != int(end-keen) {
					t.Fatalf("the sink that keeps up lost %d samples", lost)
				}
				keen = end
			}
		}
	}
	ballast := filepath.Join(dir, "ballast")
	run(100)
	os.WriteFile(ballast, make([]byte, 1<<20), 0o600) // as far as it goes
	run(5000)
	if !j.files.failing {
		t.Error("the disk was never full: the test shows nothing")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	disk{j}.flush()
	disk{j}.sync()
	run(100)
	if j.files.failing {
		t.Error("the journal does not write though there is room again")
	}
	seen, end, lost := drain(t, j, lazy, sinks.Query{Sink: "lazy", Max: 5000})
	if len(seen)+int(lost) != n || int(end) != n || lost == 0 || statOf(t, j, "lazy").Dropped["memory"] != lost {
		t.Errorf("the other got %d samples, lost %d, of %d", len(seen), lost, n)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func atou(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}
