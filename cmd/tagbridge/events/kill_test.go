package events

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killRuns is how often the writer is killed; TAGBRIDGE_KILLS says otherwise.
const killRuns = 15

// TestKilledWriter kills a process that writes, at any moment, again and again in one folder: what it has said is written
// is there afterwards, and each line whole.
func TestKilledWriter(t *testing.T) {
	if os.Getenv("EVENTS_WRITER") != "" {
		writeUntilKilled()
	}
	runs, _ := strconv.Atoi(os.Getenv("TAGBRIDGE_KILLS"))
	if runs == 0 {
		runs = killRuns
	}
	dir := t.TempDir()
	wrote := map[string]bool{}
	for i := range runs {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
		cmd.Env = append(os.Environ(), "EVENTS_WRITER="+dir, fmt.Sprint("EVENTS_RUN=", i))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(out)
		for n := 0; n <= i*7%50 && said.Scan(); n++ {
			wrote[said.Text()] = true
		}
		cmd.Process.Kill()
		for said.Scan() {
			wrote[said.Text()] = true
		}
		cmd.Wait()
		if b := Open(Options{Dir: dir}).Before(); b.Ending != Killed {
			t.Errorf("after kill %d: %+v", i, b)
		}
	}
	r := NewReader(dir)
	if err := r.Next(Query{}, func(e *Event) bool {
		delete(wrote, e.Text)
		if !strings.HasPrefix(e.Text, "run ") && e.Kind != Start {
			t.Errorf("a line is read as %+v", e)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if len(wrote) > 0 || r.Damaged > runs {
		t.Errorf("%d events are missing, %d lines are damaged", len(wrote), r.Damaged)
	}
}

// writeUntilKilled says what is written.
func writeUntilKilled() {
	s := Open(Options{Dir: os.Getenv("EVENTS_WRITER"), Log: slog.Default()})
	go s.Run(context.Background())
	s.Add(Event{Kind: Start})
	for i := 0; ; i++ {
		text := fmt.Sprintf("run %s event %d", os.Getenv("EVENTS_RUN"), i)
		s.Add(Event{Time: time.Now(), Kind: Kinds[5+i%8], Device: strconv.Itoa(i), Text: text})
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if s.Flush(ctx) == nil {
			fmt.Println(text)
		}
		cancel()
	}
}
