package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
)

// tutorial is what the ten minutes of the README have somebody write and type.
type tutorial struct {
	csv, yaml, database string   // blocks of code
	commands            []string // after tagbridge
	text                string
}

func readTutorial(t *testing.T) tutorial {
	t.Helper()
	text := document(t, "README.md")
	begin, end := strings.Index(text, "## Ten minutes"), strings.Index(text, "## I want to")
	if begin < 0 || end < begin {
		t.Fatal("README.md has no ten minutes")
	}
	text = text[begin:end]
	blocks := regexp.MustCompile("(?ms)^```[a-z]+\n(.*?)^```").FindAllStringSubmatch(text, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of code, want a map, a configuration and sinks", len(blocks))
	}
	u := tutorial{text: text, csv: blocks[0][1], yaml: blocks[1][1], database: blocks[2][1]}
	for _, m := range regexp.MustCompile(`(?m)^    tagbridge (.*)$`).FindAllStringSubmatch(text, -1) {
		u.commands = append(u.commands, m[1])
	}
	return u
}

// aside runs a command until stop, which wants a clean end.
func aside(t *testing.T, args ...string) (out *screen, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out = &screen{}
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, args, streams{in: strings.NewReader(""), out: out, err: out}) }()
	return out, func() {
		cancel()
		if status := <-ended; status != exitOK {
			t.Errorf("tagbridge %s: status %d: %s", strings.Join(args, " "), status, out)
		}
	}
}

// The tutorial works as it is written, but for the ports: the system gives them, so that tests do not disturb each other.
func TestTutorial(t *testing.T) {
	u := readTutorial(t)
	want := []string{
		"check plant.yaml", "plan plant.yaml", "sim plant.yaml --write sim.yaml", "check sim.yaml --online", "run sim.yaml",
	}
	if strings.Join(u.commands, "\n") != strings.Join(want, "\n") {
		t.Fatalf("the commands are\n%s\nand this test knows\n%s", strings.Join(u.commands, "\n"), strings.Join(want, "\n"))
	}
	t.Chdir(folder(t, map[string]string{"oven.csv": u.csv, "plant.yaml": u.yaml}))
	if status, out, complaints := typed(t, "", "check", "plant.yaml"); status != exitOK {
		t.Fatalf("check: status %d, printed %q, complained %q", status, out, complaints)
	}
	tutorialMistakes(t, u)
	if status, out, _ := typed(t, "", "plan", "plant.yaml"); status != exitOK || !strings.Contains(out, "192.168.1.10") {
		t.Errorf("plan: status %d, printed %q", status, out)
	}

	sim, stopSim := aside(t, "sim", "plant.yaml", "--write", "sim.yaml", "--port", "0")
	sim.await(t, "tagbridge run sim.yaml")
	noHTTP(t, "sim.yaml")
	if status, out, complaints := typed(t, "", "check", "sim.yaml", "--online"); status != exitOK || strings.Count(out, "Good") != 5 {
		t.Errorf("check --online: status %d, printed %q, complained %q", status, out, complaints)
	}
	run, stopRun := aside(t, "run", "sim.yaml")
	for _, tag := range []string{"temp", "setpoint", "power", "door", "energy"} {
		run.await(t, `"tag":"`+tag+`","value":[^n].*"quality":"Good"`)
	}
	stopSim()
	run.await(t, `"tag":"temp","value":null,"quality":"BadNotConnected"`)
	stopRun()
	tutorialDatabase(t, u)
}

// tutorialMistakes makes the mistakes that the tutorial asks for.
func tutorialMistakes(t *testing.T, u tutorial) {
	t.Helper()
	files := map[string]string{
		"slave: 1":  strings.Replace(u.yaml, "unit_id: 1", "slave: 1", 1),
		"oven2.csv": strings.Replace(u.yaml, "oven.csv", "oven2.csv", 1),
	}
	if err := os.WriteFile("oven2.csv", []byte(strings.Replace(u.csv, "float32", "flaot32", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, text := range files {
		if status, out, _ := typed(t, text, "check", "-"); status != exitBadFile || !strings.Contains(out, "did you mean") {
			t.Errorf("%s: status %d, printed %q", what, status, out)
		}
	}
}

// tutorialDatabase is the step into InfluxDB.
func tutorialDatabase(t *testing.T, u tutorial) {
	t.Helper()
	db, url := testrig.Influx(t, influxd.Options{})
	t.Setenv("INFLUX_TOKEN", "secret")
	sinks := strings.Replace(u.database, "http://127.0.0.1:8086", url, 1)
	plant := u.yaml[:strings.Index(u.yaml, "sinks:")] + sinks
	if err := os.WriteFile("plant.yaml", []byte(plant), 0o600); err != nil || sinks == u.database {
		t.Fatal("the database is not where the test takes it to be", err)
	}
	if !strings.Contains(u.text, "`tagbridge sim plant.yaml --write sim.yaml --keep-sinks`") {
		t.Error("the simulator is started otherwise")
	}
	sim, stopSim := aside(t, "sim", "plant.yaml", "--write", "sim.yaml", "--keep-sinks", "--port", "0")
	sim.await(t, "tagbridge run sim.yaml")
	noHTTP(t, "sim.yaml")
	run, stopRun := aside(t, "run", "sim.yaml")
	deadline := time.After(patienceOfTests)
	for {
		for _, p := range db.Points() {
			if p.Measurement == "oven" && p.Field("temp") != nil && p.Field("energy") != nil {
				stopRun()
				stopSim()
				return
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("nothing arrived in the database: %s", run)
		}
	}
}

// patienceOfTests is how long a test waits for what must happen.
const patienceOfTests = 2 * time.Minute

// noHTTP keeps a configuration from serving at the default port.
func noHTTP(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte("bridge:\n"), []byte("bridge:\n  http: \"\"\n"), 1)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
