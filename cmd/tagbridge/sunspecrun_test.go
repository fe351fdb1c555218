package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping/sunspec"
)

// restless is a device of SunSpec whose exponents are others in each answer, and whose values are as they were: what is
// read of two answers is wrong by powers of ten. Now and then an exponent is not there for an answer.
type restless struct {
	t     *testing.T
	cells []cell
	units int

	mu     sync.Mutex // guards the following
	random *rand.Rand
}

// cell is one register.
type cell struct {
	fixed  uint16
	value  int64  // of a scaled point, in its unit; 0: none
	scaled string // the exponent of a scaled point, with its model
	factor string // the exponent that this is
	part   int    // which register of the point, the least significant is 0
}

func (p *restless) model(m *sunspec.Model) {
	prefix := fmt.Sprint(len(p.cells), "/")
	p.cells = append(p.cells, cell{fixed: uint16(m.ID)}, cell{})
	at := len(p.cells)
	for _, point := range m.Points[2:] {
		constant := strings.Trim(point.SF, "-0123456789") == "" // or there is none
		for i := range point.Registers {
			c := cell{fixed: 1, part: point.Registers - 1 - i}
			switch {
			case point.Type == "string":
				c.fixed = 'A'<<8 | 'b'
			case point.Type == "sunssf":
				c.factor = prefix + point.Name
			case !constant:
				c.scaled, c.value = prefix+point.SF, trueValue(point.Name)
			}
			p.cells = append(p.cells, c)
		}
	}
	p.cells[at-1].fixed = uint16(len(p.cells) - at)
}

// trueValue is what a point is, whatever its exponent: a number that fits into 15 bits at each of them.
func trueValue(name string) int64 { return int64(10 * (1 + len(name)%3)) }

// answer is that to q.
func (p *restless) answer(q []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, count := int(binary.BigEndian.Uint16(q[8:]))-40000, int(binary.BigEndian.Uint16(q[10:]))
	if q[7] != 3 || first < 0 || first+count > len(p.cells) || int(q[6]) > p.units {
		return append(append([]byte(nil), q[:4]...), 0, 3, q[6], q[7]|0x80, 2)
	}
	exponents := map[string]int{}
	exponent := func(name string) int {
		e, known := exponents[name]
		if !known {
			if e = p.random.IntN(5) - 3; p.random.IntN(50) == 0 {
				e = math.MinInt16
			}
			exponents[name] = e
		}
		return e
	}
	a := append(append([]byte(nil), q[:4]...), 0, byte(3+2*count), q[6], q[7], byte(2*count))
	for _, c := range p.cells[first : first+count] {
		v := c.fixed
		switch {
		case c.factor != "":
			v = uint16(int16(exponent(c.factor)))
		case c.scaled != "":
			e := exponent(c.scaled)
			if e == math.MinInt16 {
				e = 0
			}
			v = uint16(int64(math.Round(float64(c.value)*math.Pow10(-e))) >> (16 * c.part))
		}
		a = binary.BigEndian.AppendUint16(a, v)
	}
	return a
}

func (p *restless) serve() (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				q := make([]byte, 12)
				for {
					if _, err := io.ReadFull(c, q); err != nil {
						return
					}
					if _, err := c.Write(p.answer(q)); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "tcp://" + l.Addr().String()
}

// sunspecReads is how many values are looked at.
const sunspecReads = 10_000

// TestSunspecWhileExponentsChange runs the map that the verb prints, and wants each value that is Good to be what it is.
func TestSunspecWhileExponentsChange(t *testing.T) {
	const units = 8
	p := &restless{t: t, units: units, random: rand.New(rand.NewPCG(1, 2)), cells: []cell{{fixed: 0x5375}, {fixed: 0x6E53}}}
	for _, id := range []int{1, 103, 120, 121, 122, 160, 203} {
		p.model(sunspec.ModelOf(id))
	}
	p.cells = append(p.cells, cell{fixed: 0xFFFF}, cell{})
	url := p.serve()
	status, out, complaints := typed(t, "", "sunspec", url, "--csv")
	if status != exitOK {
		t.Fatalf("status %d: %s", status, complaints)
	}
	plant := "bridge: {name: sun, data_dir: data, http: \"\"}\ndevices:\n"
	for unit := 1; unit <= units; unit++ {
		plant += fmt.Sprintf("  - {name: i%d, driver: modbus, url: \"%s\", unit_id: %d, poll: 20ms, tags: [sun.csv]}\n", unit, url, unit)
	}
	plant += "sinks:\n  - {name: all, type: file, path: all.json}\n"
	dir := folder(t, map[string]string{"plant.yaml": plant, "sun.csv": out})
	want := map[string]float64{}
	for tag, row := range sunspecRowsOf(t, url) {
		if row.ScaleBy != "" {
			want[tag] = float64(trueValue(tag[strings.LastIndexByte(tag, '/')+1:]))
		}
	}
	_, stop := aside(t, "run", filepath.Join(dir, "plant.yaml"))
	defer stop()
	seen := reads{t: t, want: want}
	deadline := time.After(patienceOfTests * (1 + sunspecReads/20_000))
	for seen.good < sunspecReads && !t.Failed() {
		select {
		case <-time.After(20 * time.Millisecond):
			seen.look(filepath.Join(dir, "all.json"))
		case <-deadline:
			t.Fatalf("%d values in time", seen.good)
		}
	}
	if seen.none == 0 || len(want) < 40 {
		t.Errorf("%d values without an exponent, %d tags scaled: the test tries nothing", seen.none, len(want))
	}
	t.Logf("%d values of %d tags looked at, %d without an exponent", seen.good, len(want), seen.none)
}

func sunspecRowsOf(t *testing.T, url string) map[string]sunspec.Row {
	rows, _ := sunspecRows(t, url)
	return rows
}

// reads are the values that a bridge has written so far.
type reads struct {
	t          *testing.T
	want       map[string]float64
	good, none int
	at         int64
}

// look reads what was written since.
func (r *reads) look(path string) {
	f, err := os.Open(path)
	if err != nil {
		return // not yet
	}
	defer f.Close()
	if _, err := f.Seek(r.at, io.SeekStart); err != nil {
		r.t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		r.t.Fatal(err)
	}
	text = text[:strings.LastIndexByte(string(text), '\n')+1]
	r.at += int64(len(text))
	for line := range strings.Lines(string(text)) {
		var s struct {
			Tag, Quality string
			Value        *float64
		}
		if json.Unmarshal([]byte(line), &s) != nil {
			continue // a text
		}
		want, scaled := r.want[s.Tag]
		switch {
		case !scaled:
		case s.Value == nil && s.Quality == "BadNoData":
			r.none++
		case s.Value == nil || s.Quality != "Good" || *s.Value != want:
			r.t.Errorf("%s, want %v", strings.TrimSpace(line), want)
			return
		default:
			r.good++
		}
	}
}
