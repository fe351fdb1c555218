package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// journalPlant is the oven with a database that refuses the field named.
func journalPlant(t *testing.T, refused string) (dir string, db *influxd.Server) {
	t.Helper()
	dir = folder(t, map[string]string{"oven.csv": ovenMap})
	tags := ovenTags(t, dir)
	s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: plc.NewUnit(plc.UnitOptions{Tags: tags, Seed: 1})}, Silent: true})
	db, url := testrig.Influx(t, influxd.Options{})
	db.Refuse(refused)
	text := strings.Replace(ovenPlant("tcp://"+s.Addr()), "timeout: 300ms", "poll: 50ms, timeout: 300ms", 1)
	text = text[:strings.Index(text, "sinks:")] + fmt.Sprintf("sinks: [{name: db, type: influxdb, url: %q, org: o, bucket: b, flush: 20ms, precision: us}]\n", url)
	if err := os.WriteFile(filepath.Join(dir, "plant.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, db
}

// runAside runs the bridge until stop, which wants a clean end.
func runAside(t *testing.T, config string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var log strings.Builder
	go func() { ended <- execute(ctx, []string{"run", config}, streams{out: &log, err: &log}) }()
	return func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("run ended with %d: %s", status, &log)
		}
	}
}

// times are when the database has a value of the field.
func times(points []influxd.Point, field string) map[int64]bool {
	at := map[int64]bool{}
	for i := range points {
		if points[i].Field(field) != nil {
			at[points[i].Time] = true
		}
	}
	return at
}

// TestJournalVerbs has a database refuse a field, looks into the journal beside the bridge that runs and without it, and
// sends what was refused again.
func TestJournalVerbs(t *testing.T) {
	dir, db := journalPlant(t, "door")
	data := filepath.Join(dir, "data")
	stop := runAside(t, filepath.Join(dir, "plant.yaml"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	polls := func(n int) {
		t.Helper()
		if err := db.Wait(ctx, func(p []influxd.Point) bool { return len(times(p, "temp")) >= n }); err != nil {
			t.Fatal(err)
		}
	}
	polls(5)
	for range 2 { // beside the bridge, then without it
		checkStat(t, data)
		if status, out, complaints := typed(t, "", "journal", "verify", data); status != 0 {
			t.Errorf("verify: %d, %s%s", status, out, complaints)
		}
		db.Refuse()
		if stop != nil {
			status, out, complaints := typed(t, "", "journal", "resend", data, "db")
			if status != 0 || !strings.Contains(out, "sent again, 0 rejected now") {
				t.Errorf("resend: %d, %s%s", status, out, complaints)
			}
			if door, temp := times(db.Points(), "door"), times(db.Points(), "temp"); len(door) < 5 || len(temp)-len(door) > 2 {
				t.Errorf("%d values of the refused field arrived of %d polls", len(door), len(temp))
			}
			db.Refuse("door")
			polls(len(times(db.Points(), "temp")) + 5)
			stop()
			stop = nil
		}
	}
	checkDump(t, filepath.Join(data, "journal"))
	status, out, _ := typed(t, "", "journal", "resend", data, "db")
	if status != 0 || !strings.Contains(out, "when the bridge is started") {
		t.Errorf("resend without a bridge: %d, %s", status, out)
	}
	defer runAside(t, filepath.Join(dir, "plant.yaml"))()
	err := db.Wait(ctx, func(p []influxd.Point) bool {
		door := times(p, "door")
		for at := range times(p, "temp") {
			if !door[at] {
				return false
			}
		}
		return true
	})
	if err != nil {
		t.Errorf("refused values did not arrive after the start: %v", err)
	}
}

func checkStat(t *testing.T, data string) {
	t.Helper()
	status, out, complaints := typed(t, "", "journal", "stat", "--json", data)
	var stat statJSON
	if err := json.Unmarshal([]byte(out), &stat); err != nil || status != 0 {
		t.Fatalf("stat: %d, %v, %s%s", status, err, out, complaints)
	}
	if stat.Segments == 0 || stat.Bytes == 0 || stat.End < 15 || len(stat.Corrupt) != 0 || len(stat.Sinks) != 1 {
		t.Fatalf("stat %s", out)
	}
	if s := stat.Sinks[0]; s.Sink != "db" || s.Position == 0 || s.Rejected == 0 || s.Error != "" || s.Position+s.BehindSamples != stat.End {
		t.Errorf("stat %s", out)
	}
	if _, out, _ := typed(t, "", "journal", "stat", data); !strings.Contains(out, "\ndb ") {
		t.Errorf("stat %s", out)
	}
}

// checkDump wants every position once.
func checkDump(t *testing.T, journal string) {
	t.Helper()
	status, out, complaints := typed(t, "", "journal", "dump", journal)
	if status != 0 {
		t.Fatalf("dump: %d, %s", status, complaints)
	}
	at, seen := uint64(0), map[string]bool{}
	for line := range strings.Lines(out) {
		var s struct {
			Position uint64
			Device   string
			Tag      string
			Time     time.Time
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil || s.Position != at || s.Device != "oven" || s.Time.IsZero() {
			t.Fatalf("line %d of dump is %q: %v", at, line, err)
		}
		seen[s.Tag] = true
		at++
	}
	if !seen["temp"] || !seen["door"] || !seen["spare"] {
		t.Errorf("dump has %v", seen)
	}
	if _, rest, _ := typed(t, "", "journal", "dump", journal, "--from", fmt.Sprint(at-1)); strings.Count(rest, "\n") != 1 {
		t.Errorf("dump of the last sample: %s", rest)
	}
}

func TestJournalVerbsRefuse(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"stat", dir}, {"dump", dir}, {"verify", filepath.Join(dir, "nothing")}, {"resend", dir, "db"}} {
		if status, _, complaints := typed(t, "", append([]string{"journal"}, args...)...); status != 1 || complaints == "" {
			t.Errorf("%v without a journal: %d, %q", args, status, complaints)
		}
	}
	for _, folder := range []string{"journal", "rejected"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, sink := range []string{"db", "..", "../journal"} {
		if status, _, complaints := typed(t, "", "journal", "resend", dir, sink); status != 1 || complaints == "" {
			t.Errorf("resend of %s: %d, %q", sink, status, complaints)
		}
	}
}

// ovenTags are the tags of the oven's map.
func ovenTags(t *testing.T, dir string) []*mapping.Tag {
	t.Helper()
	path := filepath.Join(dir, "map.yaml")
	if err := os.WriteFile(path, []byte(ovenPlant("tcp://192.0.2.1:502")), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.Load(path, config.Options{})
	if problems.HasProblems() {
		t.Fatal(problems)
	}
	return cfg.Devices[0].Tags
}
