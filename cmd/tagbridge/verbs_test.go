package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// typed runs one command line and returns what it printed and its exit status.
func typed(t *testing.T, in string, args ...string) (status int, out, complaints string) {
	t.Helper()
	var o, e bytes.Buffer
	status = execute(t.Context(), args, streams{in: strings.NewReader(in), out: &o, err: &e})
	return status, o.String(), e.String()
}

const ovenMap = "tag,address,type,scale,unit,min,max\ntemp,40001,int16,0.1,°C,0,900\ndoor,10001,,,,,\nspare,40200,,,,,\n"

func ovenPlant(url string) string {
	return `bridge: {name: tutorial, data_dir: data, http: ""}
devices:
  - {name: oven, driver: modbus, url: "` + url + `", timeout: 300ms, retries: 0, tags: [oven.csv]}
sinks:
  - {name: screen, type: file, path: "-"}
`
}

func TestCheckStatus(t *testing.T) {
	dir := folder(t, map[string]string{
		"oven.csv":  ovenMap,
		"good.yaml": ovenPlant("tcp://192.0.2.1:502"),
		"bad.yaml":  strings.Replace(ovenPlant("tcp://192.0.2.1:502"), "timeout: 300ms", "slave: 1", 1),
		"warn.yaml": strings.Replace(ovenPlant("tcp://192.0.2.1:502"), "path: \"-\"", "path: \"-\", match: [nobody/*]", 1),
		"env.yaml":  strings.Replace(ovenPlant("tcp://192.0.2.1:502"), "name: tutorial", "name: \"${env:TAGBRIDGE_TEST_NOT_SET}\"", 1),
	})
	for _, c := range []struct {
		args []string
		want int
		line string // that must be among the output's
	}{
		{[]string{"check", "good.yaml"}, 0, ""},
		{[]string{"check", "bad.yaml"}, 2, "bad.yaml:3:62: problem: "},
		{[]string{"check", "warn.yaml"}, 0, "warn.yaml:5:"},
		{[]string{"check", "warn.yaml", "--strict"}, 2, "warning: "},
		{[]string{"check", "env.yaml"}, 0, "warning: "},
		{[]string{"check", "missing.yaml"}, 2, "missing.yaml"},
		{[]string{"plan", "good.yaml"}, 0, "tcp://192.0.2.1:502"},
		{[]string{"plan", "bad.yaml"}, 2, ""},
		{[]string{"run", "bad.yaml"}, 2, ""},
		{[]string{"run", "env.yaml"}, 1, ""},
		{[]string{"chekc"}, 2, ""},
		{[]string{"version"}, 0, "tagbridge devel"},
		{[]string{"--version"}, 0, "tagbridge devel"},
		{[]string{"check", "--help"}, 0, "Usage: tagbridge check"},
	} {
		t.Chdir(dir)
		status, out, complaints := typed(t, "", c.args...)
		if status != c.want || !strings.Contains(out, c.line) {
			t.Errorf("tagbridge %s: status %d, want %d; printed %q, complained %q, want %q", strings.Join(c.args, " "), status, c.want, out, complaints, c.line)
		}
	}
}

func TestCheckReadsStandardInput(t *testing.T) {
	status, out, _ := typed(t, "devices: [{nam: a}]", "check", "-")
	if status != 2 || !strings.HasPrefix(out, "-:1:") {
		t.Errorf("status %d, printed %q", status, out)
	}
}

func TestCheckOnline(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap})
	server, unit := testrig.PLC(t, plc.UnitOptions{Tags: tagsOf(t, dir), MaxGap: 16})
	unit.Freeze()
	os.WriteFile(filepath.Join(dir, "plant.yaml"), []byte(ovenPlant("tcp://"+server.Addr())), 0o600)
	status, out, _ := typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
	if status != 0 || strings.Count(out, "Good") != 3 || !strings.Contains(out, "°C") {
		t.Errorf("all answers: status %d, printed\n%s", status, out)
	}

	temp := tagsOf(t, dir)[0]
	for _, bits := range []uint64{0xFFF0, 0x02C1} {
		if err := unit.SetBits(temp, bits); err != nil {
			t.Fatal(err)
		}
		status, out, _ = typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
		if doubted := strings.Contains(out, "are type, order and scale right?"); status != 0 || doubted != (bits == 0xFFF0) {
			t.Errorf("raw %#x: status %d, printed\n%s", bits, status, out)
		}
	}

	unit.Inject(plc.Fault{Kind: plc.Exception, Code: 2, Function: 3, First: 199, Count: 1})
	status, out, _ = typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
	if status != 1 || strings.Count(out, "Good") != 2 || !strings.Contains(out, "BadConfigurationError") || !strings.Contains(out, "exception 2") ||
		!strings.Contains(out, "is the address right?") {
		t.Errorf("one register refused: status %d, printed\n%s", status, out)
	}

	server.Refuse()
	status, out, _ = typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
	if status != 1 || !strings.Contains(out, "oven: tcp://"+server.Addr()+": ") {
		t.Errorf("nobody there: status %d, printed\n%s", status, out)
	}
}

func TestReadVerb(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap})
	server, unit := testrig.PLC(t, plc.UnitOptions{Tags: tagsOf(t, dir)})
	tags := tagsOf(t, dir)
	if err := unit.SetBits(tags[0], 0x02C1); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "plant.yaml"), []byte(ovenPlant("tcp://"+server.Addr())), 0o600)
	for _, target := range []string{"tcp://" + server.Addr(), filepath.Join(dir, "plant.yaml") + "#oven"} {
		status, out, complaints := typed(t, "", "read", target, "40001,int16", "40001,uint16,BADC", "40001.b0", "--json")
		want := `{"address":"40001,int16","value":705,"quality":"Good","raw":"02c1"}
{"address":"40001,uint16,BADC","value":49410,"quality":"Good","raw":"02c1"}
{"address":"40001.b0","value":true,"quality":"Good","raw":"02c1"}
`
		if status != 0 || out != want {
			t.Errorf("read %s: status %d, complained %q, printed\n%swant\n%s", target, status, complaints, out, want)
		}
	}
	status, out, _ := typed(t, "", "read", "tcp://"+server.Addr(), "40001", "45000")
	if status != 1 || !strings.Contains(out, "BadConfigurationError") || !strings.Contains(out, "705") {
		t.Errorf("one of two refused: status %d, printed\n%s", status, out)
	}
	status, out, _ = typed(t, "", "read", "tcp://"+server.Addr(), "40001", "45000", "40001.b0", "--cross-check", "--json")
	if status != 1 || strings.Count(out, `"other":"02c1"`) != 2 || strings.Count(out, `"other":"illegal data address"`) != 1 {
		t.Errorf("cross-check: status %d, printed\n%s", status, out)
	}
	for arg, want := range map[string]string{
		"40001,flaot32": "did you mean float32?", "50001": "first digit 5", "465536,int32": "the table ends at 65535",
		"coil:0,int16": "a coil is a single bit", "40001,int16,ABCD,1": "more than ADDRESS,TYPE,ORDER", "40001.hi,uint16": "a single byte",
		"40001,int16,big": "did you mean ABCD?",
	} {
		if status, _, complaints := typed(t, "", "read", "tcp://"+server.Addr(), arg); status != 1 || !strings.Contains(complaints, want) {
			t.Errorf("read %s: status %d, complained %q, want %s", arg, status, complaints, want)
		}
	}
	for target, want := range map[string]string{
		filepath.Join(dir, "plant.yaml"):           "plant.yaml#NAME",
		filepath.Join(dir, "plant.yaml") + "#owen": `no enabled device "owen", but oven`,
	} {
		if status, _, complaints := typed(t, "", "read", target, "40001"); status != 1 || !strings.Contains(complaints, want) {
			t.Errorf("read %s: status %d, complained %q, want %s", target, status, complaints, want)
		}
	}
}

func TestPlanJSON(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://192.0.2.1:502")})
	status, out, _ := typed(t, "", "plan", filepath.Join(dir, "plant.yaml"), "--json")
	var got planJSON
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != 0 {
		t.Fatalf("status %d, %v in\n%s", status, err, out)
	}
	if len(got.Connections) != 1 || len(got.Connections[0].Requests) != 3 {
		t.Fatalf("want 1 connection with 3 requests, got\n%s", out)
	}
	for _, r := range got.Connections[0].Requests {
		if len(r.Tags) != 1 || r.Count != 1 || r.Wasted != 0 || r.PeriodMS != 1000 || r.TimeMS <= 0 || r.Share <= 0 {
			t.Errorf("request %+v", r)
		}
	}
}

// TestSimServesTheMap starts the simulator as typed and reads it with the configuration that it wrote.
func TestSimServesTheMap(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap, "plant.yaml": ovenPlant("tcp://192.0.2.1:502")})
	sim := filepath.Join(dir, "sim.yaml")
	ctx, cancel := context.WithCancel(t.Context())
	pr, pw := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"sim", filepath.Join(dir, "plant.yaml"), "--port", "0", "--write", sim},
			streams{in: strings.NewReader(""), out: pw, err: io.Discard})
		pw.Close()
	}()
	line, err := bufio.NewReader(pr).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "oven  tcp://127.0.0.1:") {
		t.Fatalf("printed %q, %v", line, err)
	}
	go io.Copy(io.Discard, pr)
	if status, out, complaints := typed(t, "", "check", sim, "--online"); status != 0 || strings.Count(out, "Good") != 3 {
		t.Errorf("check --online: status %d, printed %q, complained %q", status, out, complaints)
	}
	cancel()
	if status := <-ended; status != 0 {
		t.Errorf("sim ended with status %d", status)
	}
}
