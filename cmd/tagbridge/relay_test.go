package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// oneConnection stands before a device at address, and closes every connection but one; turned counts those.
func oneConnection(t *testing.T, address string) (at string, turned *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	turned = new(atomic.Int32)
	var taken atomic.Bool
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			if !taken.CompareAndSwap(false, true) {
				turned.Add(1)
				in.Close()
				continue
			}
			go func() {
				defer taken.Store(false)
				defer in.Close()
				out, err := net.Dial("tcp", address)
				if err != nil {
					return
				}
				defer out.Close()
				go func() { io.Copy(out, in); out.Close() }()
				io.Copy(in, out)
			}()
		}
	}()
	return l.Addr().String(), turned
}

// held is a device of one connection, which a bridge holds.
type held struct {
	config, url string
	turned      *atomic.Int32
	unit        *plc.Unit
}

const heldMap = `tag,address,type,scale,unit,scale_by,expr,valid_if
temp,holding:0,int16,0.1,°C,,,
power,holding:1,int16,,W,holding:2,,
twice,,,,,,temp * 2,
night,holding:3,uint16,,,,,temp > 100
gone,holding:900,uint16,,,,,
`

func hold(t *testing.T) *held {
	t.Helper()
	h := &held{unit: plc.NewUnit(plc.UnitOptions{})}
	if err := h.unit.Set(mapping.Holding, 0, append([]uint16{231, 70, 2, 7}, make([]uint16, 796)...)...); err != nil {
		t.Fatal(err)
	}
	s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: h.unit}})
	var at string
	at, h.turned = oneConnection(t, s.Addr())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	h.url = "http://" + address
	hash, err := bcrypt.GenerateFromPassword([]byte("secret-enough"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{
		"users": "anna:" + string(hash) + ":edit\nguard:" + string(hash) + "\n", "m.csv": heldMap,
		"plant.yaml": fmt.Sprintf("bridge: {name: b, data_dir: data, http: {listen: %q, users: users, edit: true}}\n"+
			"devices:\n  - {name: boiler, driver: modbus, url: tcp://%s, poll: 250ms, timeout: 1s, tags: [m.csv]}\n"+
			"sinks:\n  - {name: out, type: file, path: out.jsonl}\n", address, at),
	})
	h.config = filepath.Join(dir, "plant.yaml")
	t.Cleanup(child(t, "run", h.config)) // its own process, as people have it: what probe reckons is not in its way
	t.Setenv(loginVariable, "anna:secret-enough")
	for deadline := time.Now().Add(2 * time.Minute); h.polls(t).Polls < 3; {
		if time.Now().After(deadline) {
			t.Fatal("the bridge does not read")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return h
}

type heldPolls struct{ Polls, Late int }

// polls are those that the bridge made so far.
func (h *held) polls(t *testing.T) heldPolls {
	t.Helper()
	q, err := http.NewRequest(http.MethodGet, h.url+"/api/v1/devices", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.SetBasicAuth("anna", "secret-enough")
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return heldPolls{}
	}
	defer answer.Body.Close()
	var list []heldPolls
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil || len(list) != 1 {
		return heldPolls{}
	}
	return list[0]
}

// TestReadAsksTheBridgeThatRuns reads and probes a device of one connection, which the bridge holds, by its connection: all
// that a map can say, refusals, ranges, a dump. What may not be asked is said plainly.
func TestReadAsksTheBridgeThatRuns(t *testing.T) {
	h := hold(t)
	device := h.config + "#boiler"
	dump := filepath.Join(t.TempDir(), "b.dump")
	for _, c := range []struct {
		args   []string
		status int
		want   []string
	}{
		{[]string{"read", device, "temp", "power", "twice", "night", "--dump", dump}, 1, []string{"temp 23.1 Good 00e7", "power 7000.0 Good", "twice 46.2 Good", "night null BadNoData"}},
		{[]string{"read", device, "gone", "temp"}, 1, []string{"gone null BadConfigurationError", "illegal data address (exception 2)", "temp 23.1 Good"}},
		{[]string{"read", device, "holding:0-3", "holding:0,int32,ALL"}, 0, []string{"holding:0 231 Good", "holding:3 7 Good", "holding:0,int32,CDAB 4587751 Good"}},
		{[]string{"read", device, "holding:0-799"}, 0, []string{"holding:799 0 Good"}},
		{[]string{"probe", device, "holding:0-99", "--shows", "23.1", "--csv"}, 0, []string{"holding:0,int16,,0.1"}},
	} {
		status, out, complaints := typed(t, "", c.args...)
		flat := strings.Join(strings.Fields(out), " ")
		for _, want := range c.want {
			if !strings.Contains(flat, want) {
				t.Errorf("%q: want %q in\n%s", c.args[1:], want, out)
			}
		}
		if status != c.status || complaints != "asking over the connection of the bridge at "+h.url+"\n" {
			t.Errorf("%q: status %d, complained %q", c.args[1:], status, complaints)
		}
	}
	if n := h.turned.Load(); n != 0 {
		t.Fatalf("%d connections were opened beside the bridge's", n)
	}
	text, err := os.ReadFile(dump)
	if head, _, _ := strings.Cut(string(text), "\n"); err != nil || len(strings.Fields(head)) != 3 || !strings.Contains(string(text), "1 holding 0 00E7 0046 0002 0007") {
		t.Errorf("%v: recorded without how long an answer took, or not what is there:\n%s", err, text)
	}
	t.Setenv(loginVariable, "guard:secret-enough")
	if status, out, complaints := typed(t, "", "read", device, "temp"); status != 1 || !strings.Contains(complaints, "may not be asked") ||
		!strings.Contains(complaints, "takes one connection") || h.turned.Load() == 0 {
		t.Errorf("as one who may only look: status %d, complained %q, printed\n%s", status, complaints, out)
	}
}

// TestProbeMakesNoPollLate probes 5,000 registers over a bridge's connection: not one poll is left out for it.
func TestProbeMakesNoPollLate(t *testing.T) {
	h := hold(t)
	before := h.polls(t)
	for h.polls(t).Polls < before.Polls+12 {
		time.Sleep(50 * time.Millisecond)
	}
	quiet := before
	before = h.polls(t)
	status, out, complaints := typed(t, "", "probe", h.config+"#boiler", "holding:0-4999", "--shows", "23.1", "--csv")
	after := h.polls(t)
	if status != 0 || !strings.Contains(out, "holding:0,int16") || !strings.Contains(complaints, "-4999: refused") {
		t.Errorf("status %d, complained %q, printed\n%s", status, complaints, out)
	}
	t.Logf("%d polls meanwhile, %d late; of %d before %d", after.Polls-before.Polls, after.Late-before.Late, before.Polls-quiet.Polls, before.Late-quiet.Late)
	if late := after.Late - before.Late; 3*late > after.Polls-before.Polls {
		t.Errorf("%d of %d polls were late while it was probed", late, after.Polls-before.Polls)
	}
}

// TestOtherBridgesAreNotAsked takes what a bridge at that address says of its devices: one of another configuration is not
// asked, and beside one that holds a line no port is opened.
func TestOtherBridgesAreNotAsked(t *testing.T) {
	status, devices := http.StatusForbidden, `[]`
	bridge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/devices" {
			io.WriteString(w, devices)
			return
		}
		w.WriteHeader(status)
		io.WriteString(w, `{"error":"guard may only look"}`)
	}))
	defer bridge.Close()
	dir := folder(t, map[string]string{"plant.yaml": fmt.Sprintf("bridge: {http: %q}\ndevices:\n  - {name: m, driver: modbus, url: \"rtu:///dev/ttyNONE?baud=9600\", tags: [{tag: t, address: 40001}]}\n"+
		"sinks: [{name: s, type: file, path: \"-\"}]\n", strings.TrimPrefix(bridge.URL, "http://"))})
	read := func() string {
		_, out, complaints := typed(t, "", "read", filepath.Join(dir, "plant.yaml")+"#m", "t")
		return out + complaints
	}
	const url = "rtu:///dev/ttyNONE?baud=9600&data=8&parity=even&stop=1"
	for _, c := range []struct {
		status        int
		devices, want string
	}{
		{403, `[{"device":"m","url":"` + url + `"}]`, "holds the line /dev/ttyNONE, and may not be asked: guard may only look. Set bridge.http.edit: true, and put NAME:PASSWORD"},
		{403, `[{"device":"m","url":"tcp://10.0.0.1:502"}]`, "no such file"},
		{200, `[{"device":"m","url":"tcp://10.0.0.1:502"}]`, "no such file"},
		{404, `no bridge at all`, "no such file"},
	} {
		status, devices = c.status, c.devices
		if got := read(); !strings.Contains(got, c.want) {
			t.Errorf("%d %s: want %q in\n%s", c.status, c.devices, c.want, got)
		}
	}
}
