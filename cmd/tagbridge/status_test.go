package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// observed is a plant with a device that answers and one that does not, whose bridge runs.
type observed struct {
	dir, config, url string
	unit             *plc.Unit
	stop             func()
}

// observe runs it, with more of bridge.http.
func observe(t *testing.T, http string) *observed {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	o := &observed{url: "http://" + address}
	o.dir = folder(t, map[string]string{"oven.csv": "tag,address,min,max\ntemp,holding:0,,\nfar,holding:500,,\n"})
	o.unit = plc.NewUnit(plc.UnitOptions{Tags: ovenTags(t, o.dir), Seed: 1})
	s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: o.unit}, Silent: true})
	text := fmt.Sprintf(`
bridge: {name: b, data_dir: data, http: {listen: "%s"%s}}
devices:
  - {name: oven, driver: modbus, url: "tcp://%s", poll: 50ms, timeout: 300ms, tags: [oven.csv]}
sinks:
  - {name: out, type: file, path: out.jsonl}
`, address, http, s.Addr())
	o.config = filepath.Join(o.dir, "plant.yaml")
	if err := os.WriteFile(o.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var log screen
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"run", o.config}, streams{in: strings.NewReader(""), out: &log, err: &log})
	}()
	o.stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			t.Logf("log of the bridge:\n%s", log.String())
		}
	})
	return o
}

// await types args until the status is the wanted one and the output has all of texts.
func await(t *testing.T, args []string, status int, texts ...string) string {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		got, out, complaints := typed(t, "", args...)
		missing := ""
		for _, text := range texts {
			if !strings.Contains(out+complaints, text) {
				missing = text
			}
		}
		if got == status && missing == "" {
			return out
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v: status %d, want %d; %q is missing in\n%s%s", args, got, status, missing, out, complaints)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestStatus(t *testing.T) {
	o := observe(t, "")
	await(t, []string{"status", o.config}, 0, "All is well: 1 device is online, 2 tags are good, the sink takes all that is read\n", "oven", "online", "takes all")
	await(t, []string{"status", o.url}, 0, "All is well")
	await(t, []string{"status", "--bad", o.url}, 0, "every tag is good")
	lift := o.unit.Inject(plc.Fault{Kind: plc.Exception, First: 500, Count: 1, Code: 2})
	await(t, []string{"status", o.config}, 1, "NOT WELL: 1 of 2 tags is bad on devices that are online\n", "device oven: 1 of 2 tags is bad")
	out := await(t, []string{"status", "--bad", o.config}, 1, "oven/far  BadConfigurationError since ", "oven.csv:3", "holding 500")
	if strings.Contains(out, "oven/temp") {
		t.Errorf("a good tag is among the bad:\n%s", out)
	}
	await(t, []string{"events", o.url}, 0, "oven/far: tag-bad: BadConfigurationError: ")
	lift()
	o.unit.Inject(plc.Fault{Kind: plc.Silence})
	await(t, []string{"status", o.config}, 1, "NOT WELL: 1 of 1 device is offline\n", "device oven is offline for ", "no answer within 300ms")
	await(t, []string{"status", "--bad", o.config}, 1, "oven/temp  BadTimeout", "holding 0: no answer", "holding 500: no answer")
	out = await(t, []string{"status", "--json", "--bad", o.config}, 1)
	var said statusJSON
	if err := json.Unmarshal([]byte(out), &said); err != nil || said.Well || len(said.Devices) != 1 || len(said.Bad) != 2 || len(said.Problems) == 0 {
		t.Errorf("%v: %+v", err, said)
	}
	o.stop()
	await(t, []string{"status", o.config}, 2, "no bridge is reached at "+o.url+": nothing listens there: does it run (systemctl status tagbridge)?")
	await(t, []string{"events", o.config}, 0, "the bridge starts; ", "oven: device-offline: the device is not read any more: ", "oven/far: tag-bad: BadConfigurationError", "the bridge stops, as it was asked to\n")
	await(t, []string{"events", filepath.Join(o.dir, "data"), "--device", "oven", "--since", "-1h", "--json"}, 0, `"kind":"device-offline"`)
	if _, out, _ := typed(t, "", "events", o.config, "--until", "-1h"); out != "" {
		t.Errorf("an hour ago there was\n%s", out)
	}
	await(t, []string{"events", o.config, "--device", "oben"}, 0, `there is no device "oben": did you mean oven?`)
}

func TestStatusBehindALogin(t *testing.T) {
	certificate := t.TempDir()
	testrig.Certificate(t, certificate)
	users := filepath.Join(certificate, "users")
	if err := os.WriteFile(users, []byte("a-token-of-some-length\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cert := filepath.Join(certificate, "cert.pem")
	o := observe(t, fmt.Sprintf(", users: %q, tls: {certificate: %q, key: %q}", users, cert, filepath.Join(certificate, "key.pem")))
	secure := strings.Replace(o.url, "http://", "https://", 1)
	await(t, []string{"status", o.config}, 2, "wants a login: put NAME:PASSWORD, or a token, into the environment variable TAGBRIDGE_LOGIN")
	await(t, []string{"status", o.url}, 2, "speaks TLS: write https://")
	await(t, []string{"status", secure}, 2, "its certificate is not trusted", "--ca FILE")
	t.Setenv(loginVariable, "a-token-that-is-none")
	await(t, []string{"status", o.config}, 2, "does not take this login")
	t.Setenv(loginVariable, "a-token-of-some-length")
	await(t, []string{"status", o.config}, 0, "All is well")
	await(t, []string{"status", secure, "--ca", cert}, 0, "All is well")
	await(t, []string{"events", secure, "--ca", cert}, 0, "the bridge starts; ")
	if _, out, complaints := typed(t, "", "status", strings.Replace(secure, "https://", "https://anna:secret-word@", 1)); strings.Contains(out+complaints, "secret-word") {
		t.Errorf("the password is in %s%s", out, complaints)
	}
	o.stop()
}

func TestStatusSaysWhatIsInTheWay(t *testing.T) {
	t.Setenv(loginVariable, "")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	off := folder(t, map[string]string{"off.yaml": "bridge: {http: \"\"}\ndevices: []\nsinks: []\n", "half.yaml": "bridge: {", "other.pem": "no"})
	for _, c := range []struct{ target, want string }{
		{other.URL, "what answers is no bridge of this version"},
		{filepath.Join(off, "off.yaml"), "its bridge answers nobody"},
		{filepath.Join(off, "none.yaml"), "no such file"},
		{"http://", "that is no address"},
		{"http://:secret@[", "that is no address"},
	} {
		status, out, complaints := typed(t, "", "status", c.target)
		if status != 2 || out != "" || !strings.Contains(complaints, c.want) {
			t.Errorf("%s: status %d, %s%s; want %s", c.target, status, out, complaints, c.want)
		}
	}
	if status, _, complaints := typed(t, "", "events", off); status != 1 || !strings.Contains(complaints, "no bridge of this version has run with it") {
		t.Errorf("status %d: %s", status, complaints)
	}
	for _, args := range [][]string{{"--since", "yesterday"}, {"--until", "6h"}, {"--follow", "--until", "now"}, {"--since", "-1h", "--until", "-2h"}} {
		status, _, complaints := typed(t, "", append([]string{"events", off}, args...)...)
		if status != 2 || complaints == "" {
			t.Errorf("%v: status %d: %s", args, status, complaints)
		}
	}
}

func TestEventsFollow(t *testing.T) {
	t.Setenv(loginVariable, "")
	o := observe(t, "")
	await(t, []string{"events", o.url}, 0, "the bridge starts; ")
	for _, target := range []string{o.url, o.config} {
		ctx, cancel := context.WithCancel(t.Context())
		var out screen
		ended := make(chan int, 1)
		go func() {
			ended <- execute(ctx, []string{"events", target, "--follow"}, streams{in: strings.NewReader(""), out: &out, err: &out})
		}()
		lift := o.unit.Inject(plc.Fault{Kind: plc.Silence})
		waitFor(t, "the outage", func() bool { return strings.Contains(out.String(), "is not read any more") })
		lift()
		waitFor(t, "its end", func() bool { return strings.Contains(out.String(), "is read again after") })
		cancel()
		if status := <-ended; status != 0 || strings.Count(out.String(), "the bridge starts; ") != 1 {
			t.Errorf("status %d:\n%s", status, out.String())
		}
	}
	o.stop()
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestTimesBeginWithAHyphen(t *testing.T) {
	for args, want := range map[string]string{
		"events x --since -6h --json": "events x --since=-6h --json",
		"events --until -1d x":        "events --until=-1d x",
		"events --since --json":       "events --since --json",
		"events --since":              "events --since",
		"events --since 02:00 -- -6h": "events --since 02:00 -- -6h",
		"events -- --since -6h":       "events -- --since -6h",
		"probe --watch -6h":           "probe --watch -6h",
	} {
		if got := strings.Join(joinTimes(strings.Fields(args)), " "); got != want {
			t.Errorf("%s becomes %s, want %s", args, got, want)
		}
	}
}
