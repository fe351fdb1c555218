package members

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/revision"
	"tagbridge/testrig/natsd"
	"tagbridge/testrig/port"
	"tagbridge/testrig/process"
)

// pushRig is three NATS servers with the rights of the file that comes along, members as processes, and an engineer who pushes.
type pushRig struct {
	*testing.T
	nats     []*natsd.Server
	dirs     map[string]string
	cmds     map[string]*exec.Cmd
	engineer string   // folder
	env      []string // of what is typed
}

func newPushRig(t *testing.T, members ...string) *pushRig {
	t.Helper()
	accounts, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "nats-accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	r := &pushRig{T: t, nats: natsd.ClusterWith(t, 3, string(accounts)), dirs: map[string]string{}, cmds: map[string]*exec.Cmd{},
		env: []string{"TAGBRIDGE_NATS_LOGIN=engineer:change-me-too"}}
	r.engineer = process.Folder(t, map[string]string{"a.csv": r.mapText(0), "plant.yaml": r.config("pc-engineer", "")})
	for _, node := range members {
		r.dirs[node] = process.Folder(t, map[string]string{"a.csv": r.mapText(0), "plant.yaml": r.config(node, "")})
		r.start(node)
	}
	return r
}

// mapText is the map as change n makes it.
func (r *pushRig) mapText(n int) string {
	return fmt.Sprintf("tag,address\nt%d,40001\n# change %d\n", n, n) + strings.Repeat("# more\n", n*50)
}

// config is the configuration of a member; more is of its device.
func (r *pushRig) config(node, more string) string {
	var urls []string
	for _, s := range r.nats {
		urls = append(urls, fmt.Sprintf("%q", "nats://"+s.Address))
	}
	return fmt.Sprintf(`bridge:
  name: line-3
  data_dir: data # of %s
  http: %s
  log: {level: debug}
  cluster: {node: %s, username: tagbridge, password: change-me, nats: [%s]}
devices:
  - {name: oven, driver: modbus, url: "tcp://127.0.0.1:1", timeout: 300ms, retries: 0, tags: [a.csv]%s}
sinks: [{name: out, type: file, path: out.jsonl}]
`, node, port.Free(r), node, strings.Join(urls, ", "), more)
}

func (r *pushRig) start(node string, env ...string) {
	r.Helper()
	cmd := exec.Command(process.Built(r), "run", "--last-good", filepath.Join(r.dirs[node], "plant.yaml"))
	cmd.Env = append(os.Environ(), env...)
	process.Polling(r, cmd)
	r.cmds[node] = cmd
}

func (r *pushRig) kill(node string) {
	r.cmds[node].Process.Kill()
	r.cmds[node].Wait()
}

// change has the engineer's map be that of change n.
func (r *pushRig) change(n int) { r.write(r.engineer, "a.csv", r.mapText(n)) }

func (r *pushRig) write(dir, name, text string) {
	r.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

func (r *pushRig) read(node, name string) string {
	b, err := os.ReadFile(filepath.Join(r.dirs[node], name))
	if err != nil {
		r.Error(err)
	}
	return string(b)
}

// verb types a verb of cluster with the engineer's configuration.
func (r *pushRig) verb(want int, verb string, args ...string) string {
	r.Helper()
	status, out, complaints := process.Typed(r, "", r.env, append([]string{"cluster", verb, filepath.Join(r.engineer, "plant.yaml")}, args...)...)
	if status != want {
		r.Fatalf("cluster %s: status %d, want %d\n%s%s", verb, status, want, out, complaints)
	}
	return out + complaints
}

// reports are what members say, by their nodes, and the newest revision.
func (r *pushRig) reports() (reports map[string]*revision.Report, newest *revision.Manifest) {
	reports = map[string]*revision.Report{}
	_, out, _ := process.Typed(r, "", r.env, "cluster", "revisions", "--json", filepath.Join(r.engineer, "plant.yaml"))
	var said struct {
		Revisions []*revision.Manifest
		Members   []*revision.Report
	}
	_ = json.Unmarshal([]byte(out), &said)
	for _, p := range said.Members {
		reports[p.Node] = p
	}
	if len(said.Revisions) > 0 {
		newest = said.Revisions[0]
	}
	return reports, newest
}

func (r *pushRig) await(what string, holds func() bool) {
	r.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(3 * time.Minute); !holds(); <-tick.C {
		if time.Now().After(limit) {
			reports, newest := r.reports()
			for _, p := range reports {
				r.Logf("%+v", p)
			}
			r.Fatalf("it never came: %s; the newest is %+v", what, newest)
		}
	}
}

// wants wants a member to have the maps of change n.
func (r *pushRig) wants(node string, n int) {
	r.Helper()
	if got := r.read(node, "a.csv"); got != r.mapText(n) {
		r.Errorf("%s: the map is %.60q, want that of change %d", node, got, n)
	}
}

func (r *pushRig) says(text string, wants ...string) {
	r.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			r.Errorf("%q is not said in:\n%s", want, text)
		}
	}
}

// TestClusterPush pushes to two members, one of whom is off at times, has files changed by hand, or cannot take it.
func TestClusterPush(t *testing.T) {
	r := newPushRig(t, "pc-a", "pc-b")
	own := r.read("pc-b", "plant.yaml")
	r.change(1)
	r.says(r.verb(exitOK, "push", "--comment", "the first"), "revision 1 is pushed", "pc-a has it", "pc-b has it", "first revision")
	r.wants("pc-a", 1)
	r.wants("pc-b", 1)
	if got := r.read("pc-b", "plant.yaml"); got != own {
		t.Errorf("what is pc-b's own was changed:\n%s", got)
	}
	r.says(r.verb(exitOK, "push"), "nothing differs from revision 1")

	r.write(r.dirs["pc-b"], "a.csv", r.mapText(50))
	r.await("it is seen that a file was changed by hand", func() bool {
		reports, _ := r.reports()
		return reports["pc-b"] != nil && len(reports["pc-b"].Differs) > 0
	})
	r.says(r.verb(exitFailed, "revisions"), "changed there since: a.csv", "the first")

	r.kill("pc-a")
	r.change(2)
	r.says(r.verb(exitOK, "push", "--comment", "the second"), "revision 2 is pushed", "pc-b has it", "t1", "t2")
	r.wants("pc-b", 2)
	r.wants("pc-a", 1)
	_, list, _ := typed(t, "", "rollback", filepath.Join(r.dirs["pc-b"], "plant.yaml"))
	r.says(list, "replaced", "revision 2: the second")
	_, events, _ := typed(t, "", "events", filepath.Join(r.dirs["pc-b"], "plant.yaml"))
	r.says(events, "revision 2 of the cluster's configuration is applied", "a.csv was changed here by hand")
	r.start("pc-a")
	r.await("who was off has it", func() bool { return r.read("pc-a", "a.csv") == r.mapText(2) })

	r.kill("pc-a")
	r.start("pc-a", "ONLY_HERE=tcp://127.0.0.1:2")
	plant, err := os.ReadFile(filepath.Join(r.engineer, "plant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r.write(r.engineer, "plant.yaml", strings.Replace(string(plant), `"tcp://127.0.0.1:1"`, `"${env:ONLY_HERE}"`, 1))
	r.says(r.verb(exitFailed, "push"), "pc-b refused it", "ONLY_HERE", "pc-a has it", "warning")
	if got := r.read("pc-b", "plant.yaml"); got != own {
		t.Errorf("what was refused is there:\n%s", got)
	}
	r.says(r.verb(exitOK, "rollback", "1", "--comment", "it was better"), "revision 4 is pushed", "pc-a has it", "pc-b has it")
	r.wants("pc-a", 1)
	r.wants("pc-b", 1)
	r.says(r.verb(exitOK, "revisions"), "back to revision 1: it was better")
	r.verb(exitFailed, "rollback", "77")
}

// TestClusterPushRefuses pushes nothing that has problems, or secrets.
func TestClusterPushRefuses(t *testing.T) {
	r := newPushRig(t)
	plant, err := os.ReadFile(filepath.Join(r.engineer, "plant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"retries: 0", "retires: 0", "did you mean retries"},
		{"sinks: [", "sinks: [{name: i, type: influxdb, url: \"http://127.0.0.1:1\", org: o, bucket: b, token: hunter2}, ", "is written out here"},
		{"[a.csv]", "[../a.csv]", "cannot be"},
		{"[a.csv]", "[b.xyz]", "has to end in"},
	} {
		r.write(r.engineer, "b.xyz", r.mapText(0))
		r.write(filepath.Dir(r.engineer), "a.csv", r.mapText(0))
		r.write(r.engineer, "plant.yaml", strings.Replace(string(plant), c.old, c.new, 1))
		out := r.verb(exitBadFile, "push")
		r.says(out, c.want, "nothing was pushed")
		if strings.Contains(out, "hunter2") {
			t.Error("the secret is shown")
		}
	}
	r.write(r.engineer, "plant.yaml", string(plant))
	login := r.env
	r.env = nil
	r.says(r.verb(exitFailed, "push"), "Permissions Violation", "log in as who may push", "TAGBRIDGE_NATS_LOGIN")
	r.env = login
	if _, newest := r.reports(); newest != nil {
		t.Errorf("%+v was pushed", newest)
	}
}
