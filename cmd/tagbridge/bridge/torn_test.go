package bridge

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// compiledMap is the first job of a device at addr whose map is that text, and a link to it. Options are more keys of the
// device, each ending in a comma.
func compiledMap(t *testing.T, addr, options, rows string) (drivers.Link, *drivers.Job) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tags.csv": rows,
		"plant.yaml": `devices: [{name: d, url: "tcp://` + addr + `", ` + options + ` tags: [tags.csv]}]` +
			"\nsinks: [{name: out, type: file, path: \"-\"}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, problems := config.Load(filepath.Join(dir, "plant.yaml"), config.Options{})
	if problems.HasProblems() {
		t.Fatal(problems)
	}
	jobs := NewCompiler("test").Device(&cfg.Devices[0])
	if len(jobs) != 1 {
		t.Fatalf("%d jobs, want one", len(jobs))
	}
	link, err := modbus.NewLink(modbus.LinkOptions{Transport: "tcp", Address: addr, Timeout: patienceOfTests})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return link, jobs[0]
}

// restless is a device all of whose registers change at every request: they are how many there were, but 200 to 209, which are
// 0 or -1 by turns.
func restless(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		q, a := make([]byte, 12), make([]byte, 0, 260)
		for n := uint16(1); ; n++ {
			if _, err := io.ReadFull(c, q); err != nil {
				return
			}
			first, count := int(binary.BigEndian.Uint16(q[8:])), int(binary.BigEndian.Uint16(q[10:]))
			a = append(append(a[:0], q[:4]...), 0, byte(3+2*count), q[6], q[7], byte(2*count))
			for r := first; r < first+count; r++ {
				v := n
				if r >= 200 && r < 210 {
					v = -(n & 1)
				}
				a = binary.BigEndian.AppendUint16(a, v)
			}
			if _, err := c.Write(a); err != nil {
				return
			}
		}
	}()
	return l.Addr().String()
}

// tornPolls is how often a device is polled whose registers change between any two requests.
const tornPolls = 10_000

// TestFormulasAreNotTorn has formulas name registers that would be read in two requests by themselves: across the most that
// one asks for, and across a gap that is too wide to be read over. None is ever computed from two answers.
func TestFormulasAreNotTorn(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("tag,address,type,scale_by,expr,valid_if,report\n")
	for n := range 120 {
		fmt.Fprintf(&rows, "x%d,holding:%d,,,,,none\n", n, n)
	}
	rows.WriteString("a,holding:120,,,,,none\nb,holding:130,,,,,none\nborder,,,,a - b,,\n") // the border of 125
	rows.WriteString("c,holding:1000,,,,,\nd,holding:1080,,,,,\ngap,,,,c - d,,\n")          // over a gap of 80
	rows.WriteString("s,holding:210,uint16,holding:200,,,none\ne,holding:201,int16,,,,none\nf,holding:290,,,,,none\n" +
		"exponents,,,,\"s - pow(10, e) * f\",,\n") // an exponent, and the same by a formula
	rows.WriteString("v,holding:500,,,,w == v,\nw,holding:560,,,,,none\n") // what says that a value is valid
	link, job := compiledMap(t, restless(t), "", rows.String())
	var names []string
	for _, s := range job.Group.Series {
		names = append(names, s.Tag)
	}
	var b mapping.Batch
	polls := tornPolls
	seen := map[string]int{}
	for range polls {
		b.Reset(job.Group)
		if err := drivers.ReadOnce(t.Context(), link, job, &b); err != nil {
			t.Fatal(err)
		}
		for i := range b.Samples {
			s := &b.Samples[i]
			name := names[s.Index]
			switch name {
			case "border", "gap", "exponents":
				if v := math.Float64frombits(s.Bits); s.Quality != mapping.Good || math.Abs(v) > 1e-9 {
					t.Fatalf("%s is %v %v: of two answers", name, v, s.Quality)
				}
			case "v":
				if s.Quality != mapping.Good {
					t.Fatalf("v is %v: judged by another answer", s.Quality)
				}
			default:
				continue
			}
			seen[name]++
		}
	}
	for _, name := range []string{"border", "gap", "exponents", "v"} {
		if seen[name] != polls {
			t.Errorf("%s: %d values of %d polls", name, seen[name], polls)
		}
	}
	if n := len(job.Work.(*modbus.Plan).Requests()); n < 4 {
		t.Errorf("%d requests, want several, or nothing could be torn", n)
	}
}
