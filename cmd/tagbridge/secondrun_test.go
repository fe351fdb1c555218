package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const newOvenMap = "tag,address,type,scale,unit,min,max\ntemp,40001,int16,0.1,°C,0,950\n"

// halfway is a change of the oven's map in a folder, as it is on disk while a bridge makes it: the new text is in place, the
// old one beside it, and the record says so.
func halfway(t *testing.T, dir string) (files map[string]string) {
	t.Helper()
	path := filepath.Join(dir, "oven.csv")
	record, err := json.Marshal(map[string]any{"by": "anna", "files": []any{
		map[string]any{"path": path, "old": []byte(ovenMap), "new": fmt.Sprintf("%x", sha256.Sum256([]byte(newOvenMap)))}}})
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{"oven.csv": newOvenMap, ".tagbridge-apply-oven.csv": ovenMap, "data/configurations/applying": string(record)}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// holdTurn has the turn of changing files, as the bridge has it that makes the change of halfway.
func holdTurn(t *testing.T, dir string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "data", "configurations"))
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// wantFiles wants files to be as they were written; "": not there.
func wantFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, want := range files {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestASecondRunLeavesAChangeAlone starts another run, and goes back, while a bridge is changing a map: neither may take away
// what it has written. Once that bridge is killed, both take its change back first.
func TestASecondRunLeavesAChangeAlone(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://127.0.0.1:1")})
	plant := filepath.Join(dir, "plant.yaml")
	first := exec.Command(os.Args[0], "run", plant)
	first.Env = append(os.Environ(), childRole+"=main")
	running(t, first)
	for tries := 0; tries < 3000; tries++ { // until it is kept what it began with
		if status, _, _ := typed(t, "", "rollback", plant); status == exitOK {
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	files := halfway(t, dir)
	before := map[string]string{"oven.csv": ovenMap, ".tagbridge-apply-oven.csv": "", "data/configurations/applying": ""}

	for _, args := range [][]string{{"run", plant}, {"run", plant, "--last-good"}} {
		status, _, complaints := typed(t, "", args...)
		if status != exitFailed || !strings.Contains(complaints, "another tagbridge uses it") {
			t.Errorf("%v: %d, %s", args, status, complaints)
		}
		wantFiles(t, dir, files)
	}
	turn := holdTurn(t, dir)
	status, _, complaints := typed(t, "", "rollback", plant, "1")
	turn.Close()
	if status != exitFailed || !strings.Contains(complaints, "the files are being changed just now") {
		t.Errorf("rollback: %d, %s", status, complaints)
	}
	wantFiles(t, dir, files)

	first.Process.Kill()
	first.Wait()
	if status, out, complaints := typed(t, "", "rollback", plant, "1"); status != exitOK || !strings.Contains(complaints, "is taken back") {
		t.Errorf("rollback: %d, %s, %s", status, out, complaints)
	}
	wantFiles(t, dir, before)

	halfway(t, dir)
	stop := child(t, "run", plant)
	wantFiles(t, dir, before)
	stop()
}
