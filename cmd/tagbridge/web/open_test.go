package web

import (
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/testrig"
	"tagbridge/testrig/port"
)

const testToken = "a-token-of-the-test"

// users writes a file with one user, guard, and one token.
func (r *rig) users(password string) {
	r.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write("users", "# who may look\nguard:"+string(hash)+"\n"+testToken+"\n")
}

func TestHTTPWantsTLSAndUsers(t *testing.T) {
	r := newRig(t)
	pool := testrig.Certificate(t, r.dir)
	r.users("open sesame")
	r.write("tags.csv", threeTags)
	r.plant("127.0.0.1:1", "")
	r.edit("plant.yaml", `http: "127.0.0.1:0"`, `http: {listen: "127.0.0.1:0", tls: {certificate: cert.pem, key: key.pem}, users: users}`)
	b := r.run()
	addr := strings.TrimPrefix(b.http, "http://")
	status := func(path string, prepare func(*http.Request), o *tls.Config) int {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: o, DisableKeepAlives: true}}
		req, err := http.NewRequest("GET", "https://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		prepare(req)
		res, err := client.Do(req)
		if err != nil {
			return 0
		}
		defer res.Body.Close()
		io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	trusting := &tls.Config{RootCAs: pool}
	user := func(name, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(name, password) }
	}
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	for _, c := range []struct {
		what, path string
		prepare    func(*http.Request)
		tls        *tls.Config
		want       int
	}{
		{"nobody", "/api/v1/tags", func(*http.Request) {}, trusting, 401},
		{"nobody at metrics", "/metrics", func(*http.Request) {}, trusting, 401},
		{"alive", "/healthz", func(*http.Request) {}, trusting, 200},
		{"user", "/api/v1/tags", user("guard", "open sesame"), trusting, 200},
		{"user again", "/metrics", user("guard", "open sesame"), trusting, 200},
		{"wrong password", "/api/v1/tags", user("guard", "open barley"), trusting, 401},
		{"wrong name", "/api/v1/tags", user("robber", "open sesame"), trusting, 401},
		{"token", "/api/v1/sinks", bearer(testToken), trusting, 200},
		{"wrong token", "/api/v1/sinks", bearer(testToken + "x"), trusting, 401},
		{"old TLS", "/healthz", func(*http.Request) {}, &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}, 0},
	} {
		if got := status(c.path, c.prepare, c.tls); got != c.want {
			t.Errorf("%s: status %d, want %d", c.what, got, c.want)
		}
	}

	// A new password counts after a reload, on the same address.
	r.users("new words")
	if s := b.hup(); s.Applied != 1 {
		t.Fatalf("reload: %+v", s)
	}
	addr = b.opened().Address()
	if got := status("/metrics", user("guard", "open sesame"), trusting); got != 401 {
		t.Errorf("the old password: status %d", got)
	}
	if got := status("/metrics", user("guard", "new words"), trusting); got != 200 {
		t.Errorf("the new password: status %d", got)
	}
}

func TestUsersFile(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "nobody is in it",
		"guard:plain text\n":  "line 1 is not name:HASH",
		"# x\nshort\n":        "line 2 is neither",
		"guard:$2a$x\n":       "line 1",
		testToken + "\n:$2\n": "line 2",
	} {
		path := filepath.Join(t.TempDir(), "users")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readUsers(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		} else if strings.Contains(err.Error(), "plain text") || strings.Contains(err.Error(), "short") {
			t.Errorf("the error tells: %v", err)
		}
	}
}

// TestAddressTaken says what to do about it, not what the system calls it.
func TestAddressTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("127.0.0.1:1", "")
	r.edit("plant.yaml", "127.0.0.1:0", l.Addr().String())
	_, err = Open(nil, r.load().Bridge.HTTP, nil)
	if err == nil {
		t.Fatal("the address is open twice")
	}
	text := err.Error()
	if !strings.HasPrefix(text, "another program listens on "+l.Addr().String()) || !strings.Contains(text, "another port") {
		t.Errorf("error %q", text)
	}
}

// TestSpoiltHandshakesAreQuiet keeps clients from filling the log, and what is ours in it.
func TestSpoiltHandshakesAreQuiet(t *testing.T) {
	var out strings.Builder
	l := log.New(serverLog{slog.New(slog.NewTextHandler(&out, nil))}, "", 0)
	l.Print("http: TLS handshake error from 127.0.0.1:1: EOF")
	if out.Len() > 0 {
		t.Errorf("logged %q", out.String())
	}
	l.Print("http: Accept error: too many open files")
	if !strings.Contains(out.String(), "level=WARN") || !strings.Contains(out.String(), "too many open files") {
		t.Errorf("logged %q", out.String())
	}
}

// TestAServerAtATakenPortIsOpenedLater takes the port away again while it is served, too.
func TestAServerAtATakenPortIsOpenedLater(t *testing.T) {
	l, err := net.Listen("tcp", port.Free(t))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := answering(t, "")
	r.edit("plant.yaml", "127.0.0.1:0", l.Addr().String())
	b := r.run()
	b.await("samples", func() bool { return b.bridge.Devices()[0].Polls > 1 })
	if b.opened() != nil {
		t.Fatal("the address is open twice")
	}
	l.Close()
	b.http = "http://" + l.Addr().String()
	b.await("the port", func() bool { return b.opened() != nil })
	if status, _ := b.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: status %d", status)
	}
	// And when it is lost while it runs.
	lost := b.opened()
	lost.listener.Close()
	b.await("the port again", func() bool { return b.opened() != lost })
	if status, _ := b.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz after it was lost: status %d", status)
	}
}

func TestCheckFindsWhatWouldLetNobodyIn(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.write("users", "guard:plain text\n")
	r.plant("127.0.0.1:1", "")
	if found := Check(r.load()); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	r.edit("plant.yaml", `http: "127.0.0.1:0"`, `http: {listen: "127.0.0.1:0", users: users}`)
	found := Check(r.load())
	if len(found) != 1 || found[0].Warning || !strings.Contains(found[0].String(), "plant.yaml:1:1: problem: bridge.http: read users") {
		t.Errorf("found %v", found)
	}
	r.edit("plant.yaml", "users: users", "users: others")
	cfg := r.loader()(nil).Config // that it is missing was said by loading it
	if found := Check(cfg); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}
