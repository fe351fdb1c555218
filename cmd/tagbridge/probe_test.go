package main

import (
	"bufio"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// meter is a unit whose holding registers 100 to 139 exist; 110 holds a float32 in order CDAB.
func meter(t *testing.T) (address string, unit *plc.Unit, set func(v float32)) {
	t.Helper()
	server, unit := testrig.PLC(t, plc.UnitOptions{})
	if err := unit.Set(mapping.Holding, 100, make([]uint16, 40)...); err != nil {
		t.Fatal(err)
	}
	set = func(v float32) {
		bits := math.Float32bits(v)
		if err := unit.Set(mapping.Holding, 110, uint16(bits), uint16(bits>>16)); err != nil {
			t.Error(err)
		}
	}
	return "tcp://" + server.Addr(), unit, set
}

// TestProbeVerb finds a value, waits for the second one, and prints rows; over a dump likewise.
func TestProbeVerb(t *testing.T) {
	address, unit, set := meter(t)
	set(1234.5)
	unit.Inject(plc.Fault{Kind: plc.Exception, Code: 2, First: 130, Count: 3})
	status, out, complaints := typed(t, "", "probe", address, "holding:100-139", "--shows", "1234,5")
	if status != 0 || !strings.Contains(out, "holding:110  float32  CDAB   1      1234.5") || !strings.Contains(out, "the first: likely") ||
		!strings.Contains(complaints, "holding:130-132: refused: illegal data address (exception 2)") {
		t.Fatalf("status %d, complained %q, printed\n%s", status, complaints, out)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "meter.dump")
	if status, out, complaints := typed(t, "", "read", address, "holding:100-129", "--dump", file); status != 0 {
		t.Fatalf("read: status %d, complained %q, printed\n%s", status, complaints, out)
	}
	set(1236.5)
	second := filepath.Join(dir, "second.dump")
	if status, _, complaints := typed(t, "", "read", address, "holding:100-129", "--dump", second); status != 0 {
		t.Fatal(complaints)
	}
	a, _ := os.ReadFile(file)
	b, _ := os.ReadFile(second)
	if err := os.WriteFile(file, append(a, b...), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, _ = typed(t, "", "probe", file, "--shows", "1234.5", "--shows", "1236.5", "--csv")
	if status != 0 || out != "tag,address,type,order,scale\nholding_110,holding:110,float32,CDAB,\n" {
		t.Errorf("of a dump: status %d, printed\n%s", status, out)
	}
	status, out, _ = typed(t, "", "probe", file, "--shows", "1234.5", "--shows", "1236.5")
	if status != 0 || !strings.Contains(out, "certain; nothing else fits") {
		t.Errorf("of a dump: status %d, printed\n%s", status, out)
	}
	status, out, _ = typed(t, "", "probe", address, "holding:100-129", "--shows", "-77.7")
	if status != 1 || !strings.Contains(out, "no register that was read gives this number") {
		t.Errorf("what is nowhere: status %d, printed\n%s", status, out)
	}
	status, out, _ = typed(t, "", "probe", address, "holding:100-129")
	if status != 0 || !strings.Contains(out, "byte order: do not know") || !strings.Contains(out, "zeros") {
		t.Errorf("without a number: status %d, printed\n%s", status, out)
	}
	for arg, want := range map[string]string{"hold:1-2": "no table", "holding:9-5": "before its first"} {
		if status, _, complaints := typed(t, "", "probe", address, arg); status != 1 || !strings.Contains(complaints, want) {
			t.Errorf("probe %s: status %d, complained %q", arg, status, complaints)
		}
	}
	if status, _, complaints := typed(t, "", "probe", address, "--shows", "on"); status != 1 || !strings.Contains(complaints, "is no number") {
		t.Errorf("status %d, complained %q", status, complaints)
	}
}

// TestProbeAwaitsSecondNumber reads what fits again until it gives the number that the display shows later.
func TestProbeAwaitsSecondNumber(t *testing.T) {
	address, unit, set := meter(t)
	set(1234.5)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for unit.Asked() == 0 && t.Context().Err() == nil {
			time.Sleep(time.Millisecond) // until it is read for the first number
		}
		set(1250.5)
	}()
	status, out, complaints := typed(t, "", "probe", address, "holding:100-139", "--shows", "1234.5", "--shows", "1250.5")
	<-done
	if status != 0 || !strings.Contains(out, "certain") || !strings.Contains(out, "1250.5") {
		t.Errorf("status %d, complained %q, printed\n%s", status, complaints, out)
	}
}

// TestReadRanges reads ranges, every order side by side, tags by their names, again and again, and into a dump.
func TestReadRanges(t *testing.T) {
	dir := folder(t, map[string]string{"oven.csv": ovenMap})
	address, unit, set := meter(t)
	set(1234.5)
	_ = unit
	for _, c := range []struct{ arg, want string }{
		{"40111-40113", "40111 20480 Good|40112 17562 Good|40113 0 Good"},
		{"holding:110-113,float32,CDAB", "holding:110,float32,CDAB 1234.5 Good|holding:112,float32,CDAB 0.0 Good"},
		{"holding:110,float32,ALL", "holding:110,float32,ABCD 8607918000.0|holding:110,float32,CDAB 1234.5"},
		{"holding:110,ALL,CDAB", "holding:110,uint16,CDAB 20480 Good|holding:110,float32,CDAB 1234.5 Good|holding:110,int64,CDAB"},
		{"holding:110,all,all", "holding:110,float32,DCBA|holding:110,int16,BADC 80 Good|holding:110,float32,CDAB 1234.5 Good"},
		{"40111-40112,ALL", "40111,bcd16 5000 Good|40112,int16 17562 Good"},
		{"holding:110,uint16,all", "holding:110,uint16,ABCD 20480|holding:110,uint16,BADC 80"},
	} {
		status, out, complaints := typed(t, "", "read", address, c.arg)
		flat := strings.Join(strings.Fields(out), " ")
		for _, want := range strings.Split(c.want, "|") {
			if status != 0 || !strings.Contains(flat, want) {
				t.Errorf("read %s: status %d, complained %q, want %q in\n%s", c.arg, status, complaints, want, out)
			}
		}
	}
	for arg, want := range map[string]string{
		"40010-40001": "before its first", "holding:0-9999": "at most 2000", "40001-40002,flaot": "no such type", "40001-40002,int16,ABCD,x": "more than",
	} {
		if status, _, complaints := typed(t, "", "read", address, arg); status != 1 || !strings.Contains(complaints, want) {
			t.Errorf("read %s: status %d, complained %q, want %s", arg, status, complaints, want)
		}
	}
	server, oven := testrig.PLC(t, plc.UnitOptions{Tags: tagsOf(t, dir)})
	if err := oven.SetBits(tagsOf(t, dir)[0], 0x02C1); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "plant.yaml")
	os.WriteFile(config, []byte(ovenPlant("tcp://"+server.Addr())), 0o600)
	status, out, complaints := typed(t, "", "read", config+"#oven", "temp", "40001")
	if flat := strings.Join(strings.Fields(out), " "); status != 0 || !strings.Contains(flat, "temp 70.5 Good 02c1 40001 705 Good") {
		t.Errorf("by name: status %d, complained %q, printed\n%s", status, complaints, out)
	}
	if status, _, complaints := typed(t, "", "read", config+"#oven", "tmep"); status != 1 || !strings.Contains(complaints, "did you mean temp?") {
		t.Errorf("by another name: status %d, complained %q", status, complaints)
	}
}

// TestReadWatchDump records what moves, with the times.
func TestReadWatchDump(t *testing.T) {
	address, unit, set := meter(t)
	set(1)
	file := filepath.Join(t.TempDir(), "meter.dump")
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer stop()
		for seen := 0; seen < 3 && t.Context().Err() == nil; time.Sleep(time.Millisecond) {
			if n := unit.Asked(); n > seen {
				seen = n
				set(float32(n + 1))
			}
		}
		for t.Context().Err() == nil {
			if text, _ := os.ReadFile(file); strings.Count(string(text), "@ ") >= 3 {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var out, complaints strings.Builder
	status := execute(ctx, []string{"read", address, "holding:110-111", "holding:200", "--watch", "1ms", "--dump", file, "--json"},
		streams{in: strings.NewReader(""), out: &out, err: &complaints})
	text, err := os.ReadFile(file)
	if status != 0 || err != nil || strings.Count(string(text), "@ ") < 3 || !strings.Contains(string(text), "1 holding 110 0000 3F80\n1 holding 200 exception 2\n") ||
		!strings.Contains(string(text), "1 holding 110 0000 40") || !strings.Contains(out.String(), `"time":"`) {
		t.Errorf("status %d, %v, complained %q, recorded\n%s", status, err, complaints.String(), text)
	}
}

// TestSimServesDump replays a dump: what it held, then what it held later, refused and all.
func TestSimServesDump(t *testing.T) {
	file := filepath.Join(t.TempDir(), "meter.dump")
	os.WriteFile(file, []byte("@ 2026-11-29T09:00:00Z\n7 holding 100 0001 0002\n7 coil 3 1\n7 holding 105-106 exception 4\n"+
		"@ 2026-11-29T09:00:00.05Z 1ms\n7 holding 101 0009\n7 holding 104 0001\n"), 0o600)
	ctx, stop := context.WithCancel(t.Context())
	pr, pw := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"sim", file, "--port", "0"}, streams{in: strings.NewReader(""), out: pw, err: io.Discard})
		pw.Close()
	}()
	printed := bufio.NewReader(pr)
	line, err := printed.ReadString('\n')
	go io.Copy(io.Discard, printed)
	fields := strings.Fields(line)
	if err != nil || len(fields) != 4 || fields[3] != "7" {
		t.Fatalf("%v, printed %q", err, line)
	}
	seen := map[string]bool{}
	deadline := time.Now().Add(2 * time.Minute)
	for len(seen) < 2 && time.Now().Before(deadline) {
		_, out, _ := typed(t, "", "read", fields[1], "--unit-id", "7", "holding:100", "holding:101", "holding:104", "coil:3", "holding:105", "holding:110")
		for _, want := range []string{"holding:101 2 Good", "holding:101 9 Good"} {
			if strings.Contains(strings.Join(strings.Fields(out), " "), want) {
				seen[want] = true
			}
		}
		flat := strings.Join(strings.Fields(out), " ")
		if !strings.Contains(flat, "holding:100 1 Good") || !strings.Contains(flat, "coil:3 true") || !strings.Contains(flat, "holding:110 null Bad") {
			t.Fatalf("printed\n%s", out)
		}
	}
	if len(seen) != 2 {
		t.Errorf("of the two snapshots %v were served", seen)
	}
	stop()
	if status := <-ended; status != 0 {
		t.Errorf("ended with %d", status)
	}
	if status, _, complaints := typed(t, "", "sim", file, "--write", "x.yaml"); status != 1 || !strings.Contains(complaints, "only --port") {
		t.Errorf("status %d, complained %q", status, complaints)
	}
}
