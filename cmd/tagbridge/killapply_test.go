package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/testrig/port"
	"tagbridge/testrig/process"
)

// A change that anna asks for over HTTP is killed at each of the steps that it makes on disk, as the system tells them.

// killedPlant is a plant with two maps that anna may edit.
type killedPlant struct {
	dir, address string
	changes      int
}

func newKilledPlant(t *testing.T) *killedPlant {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("open sesame"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	k := &killedPlant{address: port.Free(t)}
	k.dir = folder(t, map[string]string{
		"users": "anna:" + string(hash) + ":edit\n", "a.csv": k.text("a", 0), "b.csv": k.text("b", 0),
		"plant.yaml": `bridge: {name: killed, data_dir: data, http: {listen: "` + k.address + `", users: users, edit: true}}
devices:
  - {name: oven, driver: modbus, url: "tcp://127.0.0.1:1", timeout: 300ms, retries: 0, tags: [a.csv, b.csv]}
sinks:
  - {name: screen, type: file, path: "-"}
`})
	return k
}

// text is a map as change n makes it.
func (k *killedPlant) text(name string, n int) string {
	return fmt.Sprintf("tag,address\n# change %d\n%s%d,40001\n%s,40002\n", n, name, n, name) + strings.Repeat("#\n", n*100)
}

// start runs the plant until it polls.
func (k *killedPlant) start(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "run", "--last-good", filepath.Join(k.dir, "plant.yaml"))
	cmd.Env = append(os.Environ(), childRole+"=main")
	running(t, cmd)
	return cmd
}

// ask sends anna's request; status 0: it was not answered.
func (k *killedPlant) ask(t *testing.T, method, path string, question, answer any) (status int) {
	body, err := json.Marshal(question)
	if err != nil {
		t.Error(err)
	}
	r, err := http.NewRequest(method, "http://"+k.address+path, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth("anna", "open sesame")
	r.Close = true
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Errorf("%s: %v in %s", path, err, text)
	}
	return res.StatusCode
}

// change has both maps be as of change n.
func (k *killedPlant) change(t *testing.T, n int, answered chan<- int) {
	var maps []struct{ Name, ETag string }
	k.ask(t, "GET", "/api/v1/maps", nil, &maps)
	base := map[string]string{}
	for _, m := range maps {
		base[m.Name] = m.ETag
	}
	files := map[string]string{"a.csv": k.text("a", n), "b.csv": k.text("b", n)}
	var answer map[string]any
	status := k.ask(t, "POST", "/api/v1/apply", map[string]any{"files": files, "base": base, "comment": fmt.Sprint("change ", n)}, &answer)
	if status != http.StatusOK && status != 0 {
		t.Errorf("change %d: %d %v", n, status, answer)
	}
	answered <- status
}

// TestKilledApplyOverHTTP kills the bridge at each step of a change in turn, until one is whole before: after the next start
// the maps are as before, or as changed, which they are when that was answered; the history says which; and nothing lies about.
func TestKilledApplyOverHTTP(t *testing.T) {
	k := newKilledPlant(t)
	cmd := k.start(t)
	taken := 0
	for n, whole := 1, false; !whole && !t.Failed(); n++ {
		k.awaitHistory(t, "", k.changes)
		said, stop := process.Steps(t, k.dir, ".", "data/configurations", "data/events")
		answered := make(chan int, 1)
		go k.change(t, n, answered)
		at, status := "", -1
		for seen := 0; seen < n && status < 0; {
			select {
			case step, ok := <-said:
				if !ok {
					t.Fatal("the system tells nothing any more")
				}
				seen++
				at = fmt.Sprintf("step %d, %s", seen, step)
			case status = <-answered:
				whole, at = true, "the end"
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
		stop()
		if status < 0 {
			status = <-answered
		}
		cmd = k.start(t)
		if k.wantWhole(t, at, n, status == http.StatusOK) {
			taken++
		}
	}
	t.Logf("%d changes were taken back", taken)
	if taken < 5 {
		t.Errorf("only %d changes were taken back", taken)
	}
}

// awaitHistory waits until the history says that the maps are now those of change n.
func (k *killedPlant) awaitHistory(t *testing.T, at string, n int) {
	t.Helper()
	var list []struct {
		Comment, By string
		Now         bool
	}
	for tries := 0; tries < 3000; tries++ {
		if k.ask(t, "GET", "/api/v1/applied", nil, &list); len(list) > 0 && list[0].Now {
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	if len(list) == 0 || !list[0].Now {
		t.Fatalf("killed at %s: the history does not say what is now: %+v", at, list)
	}
	// A start that finds what was applied last adds nothing; one that has taken a change back adds what there is.
	if want := fmt.Sprint("change ", n); list[0].By == "anna" && list[0].Comment != want {
		t.Errorf("killed at %s: the history says %+v, want %s", at, list[0], want)
	}
}

// wantWhole wants change n to be made or not at all, and made when it was confirmed; it reports that it was not.
func (k *killedPlant) wantWhole(t *testing.T, at string, n int, confirmed bool) (taken bool) {
	t.Helper()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(k.dir, name+".csv"))
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	switch a, b := read("a"), read("b"); {
	case a == k.text("a", n) && b == k.text("b", n):
		k.changes = n
	case a != k.text("a", k.changes) || b != k.text("b", k.changes):
		t.Errorf("killed at %s: neither as before nor as changed:\n%.60q\n%.60q", at, a, b)
	case confirmed:
		t.Errorf("killed at %s: change %d was confirmed, and is gone", at, n)
	default:
		taken = true
	}
	k.awaitHistory(t, at, k.changes)
	err := filepath.WalkDir(k.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); strings.HasPrefix(name, ".tagbridge") || strings.HasPrefix(name, "applying") {
			t.Errorf("killed at %s: %s is left over", at, path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return taken
}
