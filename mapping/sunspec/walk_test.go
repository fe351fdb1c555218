package sunspec

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestWalkFindsTheMarker(t *testing.T) {
	for _, c := range []struct {
		base  int
		bases []int
		at    []int // silent
		want  string
	}{
		{base: 40000},
		{base: 0},
		{base: 50000},
		{base: 0, at: []int{40000}},
		{base: 39999, want: "no SunSpec marker at holding 40000, 0 or 50000"},
		{base: 39999, bases: []int{39999}},
		{base: 1, at: []int{40000, 0, 50000}, want: "no answer"},
	} {
		f := newFake(t)
		f.put(f.begin(c.base), endID, 0)
		for _, a := range c.at {
			f.silent[a] = true
		}
		d, err := Walk(context.Background(), f.read, Options{Bases: c.bases})
		switch {
		case c.want != "":
			if err == nil || err.Error() != c.want {
				t.Errorf("base %d: error %v, want %s", c.base, err, c.want)
			}
		case err != nil || d.Base != c.base:
			t.Errorf("base %d: found %+v, %v", c.base, d, err)
		}
	}
}

func TestWalkStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := newFake(t)
	if _, err := Walk(ctx, f.read, Options{}); !errors.Is(err, context.Canceled) || len(f.asked) > 1 {
		t.Errorf("error %v after %d requests", err, len(f.asked))
	}
}

func TestWalkTakesLengthsFromTheDevice(t *testing.T) {
	for _, c := range []struct {
		length int
		last   string // point that is there
		remark string
	}{
		{66, "Pad", ""},
		{65, "DA", ""},
		{64, "SN", "DA, and what comes after it, is left out"},
		{15, "", "model 1 says that it has 15 registers: Mn, and what comes after it, is left out"},
		{80, "Pad", ""},
	} {
		f := newFake(t)
		at := f.model(f.begin(40000), 1, c.length, nil)
		f.put(f.model(at, 103, 50, nil), endID, 0)
		d := f.walk(Options{})
		if !slices.Equal(ids(d), []int{1, 103}) {
			t.Errorf("length %d: models %v", c.length, ids(d))
			continue
		}
		last := ""
		if n := len(d.Models[0].Values); n > 0 {
			last = d.Models[0].Values[n-1].Point.Name
		}
		if last != c.last || !strings.Contains(strings.Join(d.Remarks, "\n"), c.remark) || c.remark == "" && len(d.Remarks) > 0 {
			t.Errorf("length %d: last point %q, remarks %q", c.length, last, d.Remarks)
		}
	}
}

// A length that is not true: the model has that of the specification.
func TestWalkFindsTheNextModelByTheSpecification(t *testing.T) {
	f := newFake(t)
	at := f.model(f.begin(40000), 1, 66, nil)
	f.put(40003, 15)
	f.put(40002+17, 0, 0)
	f.put(f.model(at, 103, 50, nil), endID, 0)
	d := f.walk(Options{})
	if !slices.Equal(ids(d), []int{1, 103}) || !strings.Contains(strings.Join(d.Remarks, "\n"), "but has 66") {
		t.Errorf("models %v, remarks %q", ids(d), d.Remarks)
	}
	if v := d.find(t, 103, "A"); v.Address != 40072 {
		t.Errorf("A is at %d", v.Address)
	}
}

func TestWalkWithoutAnEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    func(f *fake, at int)
		remark string
	}{
		{"refused", func(*fake, int) {}, "no end model: the device refuses holding 40070"},
		{"silent", func(f *fake, at int) { f.silent[at] = true }, "is not answered"},
		{"zeros", func(f *fake, at int) { f.put(at, 0, 0) }, "no end model: holding 40070, after the last model, is 0"},
	} {
		f := newFake(t)
		c.end(f, f.model(f.begin(40000), 1, 66, nil))
		d := f.walk(Options{})
		if !slices.Equal(ids(d), []int{1}) || !strings.Contains(strings.Join(d.Remarks, "\n"), c.remark) {
			t.Errorf("%s: models %v, remarks %q", c.name, ids(d), d.Remarks)
		}
	}
}

// Whatever numbers a device says, a walk ends, and asks for nothing that cannot be.
func TestWalkEnds(t *testing.T) {
	for _, length := range []int{0, 1, 0xFFFF} {
		f := newFake(t)
		for a := range 1 << 16 {
			f.registers[a] = uint16(length)
		}
		f.begin(0)
		for a := 2; a < 1<<16; a += 2 + length {
			f.put(a, 64999, uint16(length))
		}
		d := f.walk(Options{Bases: []int{0}})
		if len(d.Models) > maxModels || len(f.asked) > maxModels+10 {
			t.Errorf("length %d: %d models, %d requests", length, len(d.Models), len(f.asked))
		}
	}
}

func TestWalkSkipsUnknownModels(t *testing.T) {
	f := newFake(t)
	at := f.model(f.begin(40000), 1, 66, nil)
	at = f.model(at, 64999, 7, nil)
	f.put(f.model(at, 101, 50, nil), endID, 0)
	d := f.walk(Options{})
	if !slices.Equal(ids(d), []int{1, 64999, 101}) || !strings.Contains(strings.Join(d.Remarks, "\n"), "model 64999 at holding 40070, of 7 registers, is not known here") {
		t.Errorf("models %v, remarks %q", ids(d), d.Remarks)
	}
}

// Requests begin and end between values, however little may be asked for at once.
func TestWalkCutsBetweenValues(t *testing.T) {
	for _, most := range []int{16, 20, 50, 125} {
		f := newFake(t)
		at := f.begin(40000)
		for _, id := range []int{1, 113, 203, 802} {
			f.keepWhole(at, ModelOf(id))
			at = f.model(at, id, ModelOf(id).registers(), nil)
		}
		f.put(at, endID, 0)
		d := f.walk(Options{MaxRegisters: most})
		for _, m := range d.Models {
			for _, v := range m.Values {
				if v.Raw == nil {
					t.Errorf("at most %d registers: %s of model %d was refused", most, v.Point.Name, m.ID)
				}
			}
		}
		for _, a := range f.asked {
			if a[1] > most {
				t.Errorf("asked for %d registers, at most %d", a[1], most)
			}
		}
	}
}

// One value that is refused costs no other.
func TestWalkPassesOverWhatIsRefused(t *testing.T) {
	f := newFake(t)
	f.put(f.model(f.begin(40000), 103, 50, nil), endID, 0)
	d := f.walk(Options{})
	hole := d.find(t, 103, "DCA").Address
	delete(f.registers, hole)
	for _, v := range f.walk(Options{}).Models[0].Values {
		if (v.Raw == nil) != (v.Address == hole) {
			t.Errorf("%s at %d: raw %x", v.Point.Name, v.Address, v.Raw)
		}
	}
}

func TestWalkRepeatsGroups(t *testing.T) {
	f := newFake(t)
	// 160: N at 6; modules of 20 registers. 705: curves of 9 points and NPt pairs.
	at := f.model(f.begin(40000), 160, 8+3*20, map[int]uint16{6: 2})
	at = f.model(at, 160, 8+3*20, map[int]uint16{6: 0})
	l := ModelOf(705).registers()
	curve := 10 + 2*4
	at = f.model(at, 705, l+2*curve, map[int]uint16{3: 4, 4: 2})
	f.put(at, endID, 0)
	d := f.walk(Options{})
	count := func(m *Instance, name string) (n int, last string) {
		for _, v := range m.Values {
			if v.Point.Name == name {
				n++
				last = strings.Join(v.Path, "/")
			}
		}
		return n, last
	}
	for i, want := range []struct {
		name string
		n    int
		last string
	}{{"DCW", 2, "module/2"}, {"DCW", 3, "module/3"}, {"Var", 8, "Crv/2/Pt/4"}} {
		if n, last := count(d.Models[i], want.name); n != want.n || last != want.last {
			t.Errorf("model %d: %s is there %d times, the last in %s, want %d, %s", d.Models[i].ID, want.name, n, last, want.n, want.last)
		}
	}
	v := d.find(t, 160, "DCW")
	if v.SF == nil || v.SF.Point.Name != "DCW_SF" || v.SF.Address != 40006 {
		t.Errorf("exponent of DCW: %+v", v.SF)
	}
}

// FuzzWalk walks devices of any registers.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{0x53, 0x75, 0x6E, 0x53, 0, 1, 0, 66})
	f.Add([]byte{0x53, 0x75, 0x6E, 0x53, 0, 160, 0, 48, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 9})
	f.Add([]byte{0x53, 0x75, 0x6E, 0x53, 2, 0xC1, 0xFF, 0xFF, 0, 1, 0, 1, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newFake(t)
		for i := 0; i+1 < len(b); i += 2 {
			d.registers[i/2] = uint16(b[i])<<8 | uint16(b[i+1])
		}
		got, err := Walk(context.Background(), d.read, Options{Bases: []int{0}})
		if err != nil {
			return
		}
		for _, m := range got.Models {
			for _, v := range m.Values {
				v.Show()
			}
		}
		got.Rows(0)
	})
}

// What a SAX battery answers (matfroh/sax_battery_ha#128): its model 1 has 15 registers of its own meaning, nothing says end,
// and what it does not have it is silent about.
func TestWalkOfSAX(t *testing.T) {
	f := newFake(t)
	f.put(f.begin(40000), 0x0001, 0x000F, 0x5341, 0x5850, 0x4F57, 0x4552, 0x484F, 0x4D45, 0x2D20, 0x0017, 0x0038, 0x3BBF, 0x6920,
		0x0067, 0x0020, 0x00E1, 0x00E1, 0x0000, 0x0000, 0xFFFE, 0x0FD1)
	f.silent[40070] = true
	d := f.walk(Options{})
	remarks := strings.Join(d.Remarks, "\n")
	if !slices.Equal(ids(d), []int{1}) || !strings.Contains(remarks, "15 registers") || !strings.Contains(remarks, "no end model") {
		t.Errorf("models %v, remarks %q", ids(d), remarks)
	}
}
