//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/probe"
)

// keptNumber is a number of an image of probe_image.py.
type keptNumber struct {
	Address, Type, Order string
	Exp                  int
	Shows                [2]string // on a display of four digits, before and after it moved
}

// is reports that c reads n: at its place, with its order and scale, and as its type or one that gives the same so far.
func (n *keptNumber) is(c *probe.Candidate) bool {
	order := c.Order.String() == n.Order
	if o, err := mapping.ParseOrder(n.Order); err == nil && c.Registers == 1 {
		order = c.Order.SwapsBytes() == o.SwapsBytes()
	}
	return order && c.Address.String() == n.Address && (c.TypeText() == n.Type || c.Same.String() == n.Type) &&
		c.Scale == mapping.Decimal{Mant: 1, Exp: int8(n.Exp)}
}

// TestProbeFindsEveryType looks for each number of images of every type and order, which pymodbus and libmodbus serve, by what
// a display of four digits shows of it before and after it moved.
func TestProbeFindsEveryType(t *testing.T) {
	servers := map[string]func(t *testing.T, dir string, options ...string) int{
		"pymodbus": func(t *testing.T, dir string, options ...string) int {
			return pymodbus(t, dir, append([]string{"--registers"}, options...)...)
		},
		"libmodbus": libmodbus,
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, first, certain := 0, 0, 0
			for seed := range 4 {
				dir := t.TempDir()
				numbers := probeImage(t, dir, 100+seed)
				port := start(t, dir, filepath.Join(dir, "probe.registers"))
				d := recorded(t, dir, fmt.Sprintf("tcp://127.0.0.1:%d", port))
				for _, n := range numbers {
					got := searched(t, d, &n)
					at := slices.IndexFunc(got.Candidates, func(c probe.Candidate) bool { return n.is(&c) })
					switch {
					case at < 0:
						t.Errorf("seed %d: %+v is not found: %d candidates, %s", seed, n, len(got.Candidates), got.Why)
					case at > 0 && got.Sure == probe.Certain:
						t.Errorf("seed %d: %+v: wrongly certain of %+v", seed, n, got.Candidates[0])
					case at > 0:
						t.Logf("seed %d: %+v is number %d, after %s %s %s", seed, n, at+1, got.Candidates[0].Address, got.Candidates[0].TypeText(), got.Candidates[0].Order)
					}
					all++
					first += b2i(at == 0)
					certain += b2i(got.Sure == probe.Certain)
				}
				typedProbe(t, dir, numbers)
			}
			t.Logf("%d numbers, %d first, %d for certain", all, first, certain)
			if 100*first < 95*all {
				t.Errorf("of %d numbers only %d are first in rank", all, first)
			}
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// probeImage writes an image into dir.
func probeImage(t *testing.T, dir string, seed int) (numbers []keptNumber) {
	t.Helper()
	if out, err := exec.Command("/usr/bin/python3", "-B", "probe_image.py", dir, fmt.Sprint(seed)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "probe.json"))
	if err == nil {
		err = json.Unmarshal(text, &numbers)
	}
	if err != nil || len(numbers) < 100 {
		t.Fatalf("%d numbers, %v", len(numbers), err)
	}
	return numbers
}

// recorded is what tagbridge read --dump records of the image, before and after: it has to be what is in the image.
func recorded(t *testing.T, dir, url string) *dump.Dump {
	t.Helper()
	var text strings.Builder
	registers, err := os.ReadFile(filepath.Join(dir, "probe.registers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{"41", "42"} {
		file := filepath.Join(dir, unit+".dump")
		last := strings.Count(regexp.MustCompile(`(?m)^41 holding 0 .*$`).FindString(string(registers)), " ") - 3
		out, err := exec.Command(program, "read", url, fmt.Sprintf("holding:0-%d", last), fmt.Sprintf("input:0-%d", last), "--unit-id", unit, "--dump", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		read, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, want := parsedDump(t, string(read)), parsedDump(t, regexp.MustCompile(`(?m)^`+unit+` .*$`).FindAllString(string(registers), -1)...)
		whole := got.Snapshots[0].Joined()
		for i := range want.Snapshots[0].Areas {
			if w := want.Snapshots[0].Areas[i]; !slices.ContainsFunc(whole.Areas, func(a dump.Area) bool { return a.Table == w.Table && slices.Equal(a.Values, w.Values) }) {
				t.Fatalf("unit %s: what was read is not %s of the image:\n%.300s", unit, w.Table, read)
			}
		}
		text.WriteString(regexp.MustCompile(`(?m)^42 `).ReplaceAllString(string(read), "41 "))
	}
	writeFile(t, filepath.Join(dir, "both.dump"), text.String())
	return parsedDump(t, text.String())
}

func parsedDump(t *testing.T, lines ...string) *dump.Dump {
	t.Helper()
	d, err := dump.Parse([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func searched(t *testing.T, d *dump.Dump, n *keptNumber) probe.Found {
	t.Helper()
	var readings []probe.Reading
	for i, text := range n.Shows {
		shown, err := probe.ParseShown(text)
		if err != nil {
			t.Fatal(err)
		}
		readings = append(readings, probe.Reading{Shown: &shown, Snapshots: d.Snapshots[i : i+1]})
	}
	return probe.Search(readings, probe.Options{Unit: 41})
}

// typedProbe looks for some of the numbers as people do.
func typedProbe(t *testing.T, dir string, numbers []keptNumber) {
	t.Helper()
	found := 0
	for i := 0; i < len(numbers); i += 15 {
		n := &numbers[i]
		out, err := exec.Command(program, "probe", filepath.Join(dir, "both.dump"), "--shows", n.Shows[0], "--shows", n.Shows[1], "--csv").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if strings.Contains(string(out), ","+n.Address+",") {
			found++
		}
	}
	if found < len(numbers)/15-1 {
		t.Errorf("probe found %d of %d", found, len(numbers)/15)
	}
}
