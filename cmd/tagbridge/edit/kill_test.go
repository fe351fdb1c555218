package edit

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killRuns is how often a change is killed; TAGBRIDGE_KILLS says otherwise.
const killRuns = 30

// killedMaps are in two folders.
var killedMaps = []string{"a.csv", "b.csv", "sub/c.csv"}

// mapText is the map of that name as change n makes it: each change has other lengths, so that no piece of one looks whole.
func mapText(name string, n int) string {
	return fmt.Sprintf("tag,address\n# %s, change %d\n", name, n) + strings.Repeat(fmt.Sprintf("t%d,40001\n", n), 200+n%7*500)
}

// TestKilledApply kills a process that changes three maps, as soon as it says that it has come to a step or some time
// later, again and again in one folder: after the next start all are as they were before the change, or as after it.
func TestKilledApply(t *testing.T) {
	if dir := os.Getenv("EDIT_APPLIER"); dir != "" {
		applyUntilKilled(dir)
	}
	runs, _ := strconv.Atoi(os.Getenv("TAGBRIDGE_KILLS"))
	if runs == 0 {
		runs = killRuns
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range killedMaps {
		write(t, filepath.Join(dir, name), mapText(name, 0))
	}
	taken := 0
	for i := range runs {
		killedAt := killApply(t, dir, i)
		_, err := os.Stat(recordIn(data))
		recorded := err == nil
		text, err := Recover(data)
		if err != nil || (text != "") != recorded {
			t.Fatalf("killed at %s: %q, %v, with a record: %v", killedAt, text, err, recorded)
		}
		if recorded {
			taken++
		}
		wantWhole(t, dir, killedAt)
		if again, err := Recover(data); again != "" || err != nil {
			t.Errorf("killed at %s, again: %q, %v", killedAt, again, err)
		}
		if t.Failed() {
			return
		}
	}
	if taken == 0 {
		t.Errorf("no change of %d was ever taken back", runs)
	}
}

// wantWhole wants all maps to be of one change, and nothing to lie about.
func wantWhole(t *testing.T, dir, killedAt string) {
	t.Helper()
	n := changeIn(read(t, filepath.Join(dir, killedMaps[0])))
	for _, name := range killedMaps {
		if got := read(t, filepath.Join(dir, name)); got != mapText(name, n) {
			t.Errorf("killed at %s: %s is of change %d with %d bytes, want all of change %d", killedAt, name, changeIn(got), len(got), n)
		}
	}
	for _, pattern := range []string{".tagbridge*", "sub/.tagbridge*", "data/*/*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
			t.Errorf("killed at %s, left behind: %v", killedAt, left)
		}
	}
}

// changeIn is which change a map is of.
func changeIn(text string) int {
	_, rest, _ := strings.Cut(text, ", change ")
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.Atoi(line)
	return n
}

// killApply starts a process that changes maps, and kills it: at each step in turn, every other time a while after it.
func killApply(t *testing.T, dir string, run int) (at string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledApply$")
	cmd.Env = append(os.Environ(), "EDIT_APPLIER="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 0; n <= run%stepsOfApply && said.Scan(); n++ {
		at = said.Text()
	}
	if run%2 == 1 {
		<-time.After(time.Duration(run*37%400) * 10 * time.Microsecond)
		at += " and later"
	}
	cmd.Process.Kill()
	for said.Scan() {
		at = said.Text() + ", the last that it said"
	}
	cmd.Wait()
	if !cmd.ProcessState.Exited() && at != "" {
		return at
	}
	t.Fatalf("it ended by itself, after %q: %v", at, cmd.ProcessState)
	return ""
}

// stepsOfApply is how many steps three changes of killedMaps say that they take, the last being refused.
const stepsOfApply = 3*(3+1+3+1) + 3

// applyUntilKilled changes the maps in the steps of commit, every third time as one that the bridge refuses, and says each step.
func applyUntilKilled(dir string) {
	data, step := filepath.Join(dir, "data"), 0
	must := func(what string, err error) {
		if err != nil {
			fmt.Println(what, err)
			os.Exit(3)
		}
		step++
		fmt.Println(step, what)
	}
	for n := 1; ; n++ {
		r := &record{By: "anna"}
		for _, name := range killedMaps {
			path := filepath.Join(dir, name)
			old, err := os.ReadFile(path)
			if err != nil {
				must("read", err)
			}
			text := []byte(mapText(name, changeIn(string(old))+1))
			r.Swaps = append(r.Swaps, &swap{Path: path, Old: old, New: sumOf(text), text: text})
		}
		must("record", r.write(data))
		for _, s := range r.Swaps {
			must("prepare "+filepath.Base(s.Path), s.prepare())
		}
		for _, s := range r.Swaps {
			must("put "+filepath.Base(s.Path), s.put())
		}
		if n%3 == 0 {
			for _, s := range r.Swaps {
				must("put back "+filepath.Base(s.Path), s.back())
			}
		}
		r.dropAll()
		must("forget", forget(data))
	}
}
