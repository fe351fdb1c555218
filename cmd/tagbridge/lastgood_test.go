package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig/port"
)

// withAPI is a configuration whose API is at the address that it returns.
func withAPI(t *testing.T) (text, address string) {
	t.Helper()
	address = port.Free(t)
	text = strings.Replace(ovenPlant("tcp://127.0.0.1:1"), `http: ""`, `http: "`+address+`"`, 1)
	return strings.Replace(text, "data_dir: data, ", "", 1), address
}

// ready is what /readyz of a bridge says.
func ready(t *testing.T, address string) (answer struct {
	LastGood bool       `json:"last_good"`
	Problems []string   `json:"configuration_problems"`
	Since    *time.Time `json:"refused_since"`
}) {
	t.Helper()
	r, err := http.Get("http://" + address + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return answer
}

// child runs the program's main with the arguments until the test ends or stop is called.
func child(t *testing.T, args ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childRole+"=main")
	running(t, cmd)
	return func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("stopped with %v", cmd.ProcessState)
		}
	}
}

// TestTheLastGoodConfigurationRuns has a configuration spoilt while the bridge is off, which is what a refused reload
// before a power cut leaves.
func TestTheLastGoodConfigurationRuns(t *testing.T) {
	text, address := withAPI(t)
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"a problem": func(t *testing.T, dir string) {
			rewrite(t, dir, "plant.yaml", strings.Replace(text, "timeout", "timeuot", 1))
		},
		"no YAML":        func(t *testing.T, dir string) { rewrite(t, dir, "plant.yaml", "bridge: {") },
		"an empty map":   func(t *testing.T, dir string) { rewrite(t, dir, "oven.csv", "tag,address\n") },
		"half a file":    func(t *testing.T, dir string) { rewrite(t, dir, "plant.yaml", text[:strings.Index(text, "sinks:")]) },
		"a cut-off list": func(t *testing.T, dir string) { cutList(t, dir); rewrite(t, dir, "plant.yaml", "") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": text})
			config := filepath.Join(dir, "plant.yaml")
			stop := child(t, "run", "--last-good", config)
			if r := ready(t, address); r.LastGood || r.Since != nil {
				t.Error("what is on disk was refused")
			}
			stop()
			spoil(t, dir)
			stop = child(t, "run", "--last-good", config)
			first := ready(t, address)
			if !first.LastGood || len(first.Problems) == 0 || first.Since == nil {
				t.Fatalf("/readyz: %+v", first)
			}
			stop()
			stop = child(t, "run", "--last-good", config)
			if r := ready(t, address); !r.LastGood || r.Since == nil || !r.Since.Equal(*first.Since) {
				t.Errorf("after another start /readyz: %+v, refused since %v", r, first.Since)
			}
			rewrite(t, dir, "oven.csv", ovenMap)
			rewrite(t, dir, "plant.yaml", text)
			for limit := time.Now().Add(2 * time.Minute); ready(t, address).LastGood; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(limit) {
					t.Fatal("the mended configuration is not taken")
				}
			}
			stop()
		})
	}
}

func rewrite(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// cutList adds an empty list of files, as a power loss leaves it, newer than all others.
func cutList(t *testing.T, dir string) {
	rewrite(t, filepath.Join(dir, "tagbridge-data", "configurations"), "29990101T000000.000000000Z.json", "")
}

func TestWithoutLastGoodABadConfigurationEndsIt(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": strings.Replace(ovenPlant("tcp://127.0.0.1:1"), "timeout", "timeuot", 1)})
	for _, args := range [][]string{{"run", filepath.Join(dir, "plant.yaml")}, {"run", "--last-good", filepath.Join(dir, "plant.yaml")}} {
		if status, _, complaints := typed(t, "", args...); status != exitBadFile || !strings.Contains(complaints, "timeuot") {
			t.Errorf("%v: status %d, %s", args, status, complaints)
		}
	}
}

// TestCheckAndRunAgree has what run refuses refused by check, with the same status.
func TestCheckAndRunAgree(t *testing.T) {
	http := func(keys string) string {
		return strings.Replace(ovenPlant("tcp://127.0.0.1:1"), `http: ""`, `http: {listen: "127.0.0.1:0", `+keys+`}`, 1)
	}
	files := map[string]string{
		"oven.csv": ovenMap, "plain": "anna:secret\n", "nobody": "# none\n", "junk.pem": "no certificate\n",
		"plain.yaml": http("users: plain"), "nobody.yaml": http("users: nobody"),
		"junk.yaml": http("tls: {certificate: junk.pem, key: junk.pem}"),
	}
	dir := folder(t, files)
	for _, c := range []struct{ file, want string }{
		{"plain.yaml", "line 1 is not name:HASH"}, {"nobody.yaml", "nobody is in it"}, {"junk.yaml", "failed to find any PEM data"},
	} {
		status, out, _ := typed(t, "", "check", filepath.Join(dir, c.file))
		if status != exitBadFile || !strings.Contains(out, c.want) || strings.Contains(out, "secret") {
			t.Errorf("check %s: status %d, %s", c.file, status, out)
		}
		status, _, complaints := typed(t, "", "run", filepath.Join(dir, c.file))
		if status != exitBadFile || !strings.Contains(complaints, c.want) {
			t.Errorf("run %s: status %d, %s", c.file, status, complaints)
		}
	}
}
