package members

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/testrig/process"
)

// TestClusterDrain has a member give all it reads to the other one, but what only it may read, and take part again.
func TestClusterDrain(t *testing.T) {
	r := newPushRig(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("open sesame"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	address := map[string]string{}
	for _, node := range []string{"pc-a", "pc-b"} {
		text := strings.Replace(r.config(node, ""), "devices:\n", `devices:
  - {name: mixer, driver: modbus, url: "tcp://127.0.0.1:2", timeout: 300ms, retries: 0, prefer: pc-a, tags: [a.csv]}
  - {name: meter, driver: modbus, url: "tcp://127.0.0.1:3", timeout: 300ms, retries: 0, only: [pc-a], tags: [a.csv]}
`, 1)
		_, rest, _ := strings.Cut(text, "http: ")
		address[node], _, _ = strings.Cut(rest, "\n")
		text = strings.Replace(text, "http: "+address[node], `http: {listen: "`+address[node]+`", users: users, edit: true}`, 1)
		r.dirs[node] = process.Folder(t, map[string]string{"a.csv": r.mapText(0), "plant.yaml": text, "users": "anna:" + string(hash) + ":edit\nbob:" + string(hash) + "\n"})
		r.start(node)
	}
	anna, bob := []string{"TAGBRIDGE_LOGIN=anna:open sesame"}, []string{"TAGBRIDGE_LOGIN=bob:open sesame"}
	owners := func() (found []string) {
		_, out, _ := process.Typed(t, "", anna, "cluster", "status", "http://"+address["pc-b"])
		for _, line := range strings.Split(out, "\n") {
			if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[0], "tcp://") {
				found = append(found, f[0]+" "+f[1])
			}
		}
		return found
	}
	has := func(want string) bool { return strings.Contains(strings.Join(owners(), "\n")+"\n", want+"\n") }
	r.await("pc-a reads what it is to", func() bool {
		return has("tcp://127.0.0.1:2 pc-a") && has("tcp://127.0.0.1:3 pc-a") && len(owners()) == 3
	})

	status, _, complaints := process.Typed(t, "", bob, "cluster", "drain", "http://"+address["pc-a"])
	if status != exitFailed || !strings.Contains(complaints, "may only look") {
		t.Errorf("one who may only look: status %d, %s", status, complaints)
	}
	status, out, complaints := process.Typed(t, "", anna, "cluster", "drain", "http://"+address["pc-a"])
	if status != exitFailed {
		t.Errorf("status %d: %s", status, complaints)
	}
	r.says(out, "tcp://127.0.0.1:2: pc-b reads it now", "goes on reading what nobody else may", "tcp://127.0.0.1:3 (only: pc-a)")
	if !has("tcp://127.0.0.1:2 pc-b") || !has("tcp://127.0.0.1:1 pc-b") || !has("tcp://127.0.0.1:3 pc-a") {
		t.Errorf("read by %v", owners())
	}
	_, out, _ = process.Typed(t, "", anna, "cluster", "status", "http://"+address["pc-a"])
	r.says(out, "gives away what it reads", "leaves")
	_, out, _ = process.Typed(t, "", anna, "events", filepath.Join(r.dirs["pc-a"], "plant.yaml"))
	r.says(out, "gives all that it reads to the others", "anna")
	if status, _, complaints := process.Typed(t, "", anna, "cluster", "drain", "--undo", "http://"+address["pc-a"]); status != exitOK {
		t.Errorf("undo: status %d: %s", status, complaints)
	}
	r.await("pc-a reads what it prefers again", func() bool { return has("tcp://127.0.0.1:2 pc-a") })
}
