package modbus

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"tagbridge/mapping"
)

// register is a tag of type t from number on in the holding registers.
func register(number int, t mapping.Type) *mapping.Tag {
	return &mapping.Tag{
		Name:    fmt.Sprintf("%v %d", t, number),
		Address: mapping.Address{Table: mapping.Holding, Number: uint16(number)},
		Source:  mapping.Source{File: "map.csv", Line: number + 2},
		Traits:  &mapping.Traits{Type: t},
	}
}

// inTable is a one-register or one-bit tag.
func inTable(table mapping.Table, number int) *mapping.Tag {
	t := register(number, mapping.TypeUint16)
	if table.IsBits() {
		t.Type = mapping.TypeBool
	}
	t.Address.Table = table
	return t
}

// words are tags of one holding register each.
func words(numbers ...int) []*mapping.Tag {
	var tags []*mapping.Tag
	for _, n := range numbers {
		tags = append(tags, register(n, mapping.TypeUint16))
	}
	return tags
}

func planOf(l Limits, tags ...*mapping.Tag) *Plan {
	codecs := make([]*mapping.Codec, len(tags))
	for i, t := range tags {
		codecs[i] = mapping.Compile(t)
	}
	return NewPlan(tags, codecs, 1, l)
}

// requests is p's requests as "function:first+count", with what is wasted.
func requests(p *Plan) string {
	var all []string
	for _, r := range p.Requests() {
		s := fmt.Sprintf("%d:%d+%d", r.Function, r.Address, r.Count)
		if r.Wasted > 0 {
			s += fmt.Sprintf(" waste %d", r.Wasted)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func TestRequests(t *testing.T) {
	text := func(number, length int) *mapping.Tag {
		s := register(number, mapping.TypeString)
		s.Length = length
		return s
	}
	bit := func(number int, n uint8) *mapping.Tag {
		b := register(number, mapping.TypeBool)
		b.Address.Part, b.Address.Bit = mapping.Bit, n
		return b
	}
	tests := []struct {
		name   string
		limits Limits
		tags   []*mapping.Tag
		want   string
	}{
		{"none", Limits{}, nil, ""},
		{"adjacent, in any order", Limits{}, words(2, 0, 1), "3:0+3"},
		{"gap not allowed", Limits{}, words(0, 2), "3:0+1, 3:2+1"},
		{"gap just allowed", Limits{MaxGap: 16}, words(0, 17), "3:0+18 waste 16"},
		{"gap too wide", Limits{MaxGap: 16}, words(0, 18), "3:0+1, 3:18+1"},
		{"full block", Limits{MaxRegisters: 4}, words(0, 1, 2, 3, 4), "3:0+4, 3:4+1"},
		{"gap that would not fit", Limits{MaxRegisters: 4, MaxGap: 4}, words(0, 4), "3:0+1, 3:4+1"},
		{"limits past the protocol's", Limits{MaxRegisters: 1000, MaxGap: 200}, words(0, 124, 125), "3:0+125 waste 123, 3:125+1"},
		{"value not split", Limits{MaxRegisters: 5}, []*mapping.Tag{
			register(0, mapping.TypeFloat64), register(4, mapping.TypeFloat32),
		}, "3:0+4, 3:4+2"},
		{"overlapping", Limits{}, []*mapping.Tag{
			register(0, mapping.TypeUint32), register(0, mapping.TypeUint16), bit(1, 10), register(1, mapping.TypeUint16),
		}, "3:0+2"},
		{"string of odd length", Limits{}, []*mapping.Tag{text(10, 7)}, "3:10+4"},
		{"string of a whole request", Limits{}, []*mapping.Tag{text(0, 250)}, "3:0+125"},
		{"string larger than a request", Limits{MaxRegisters: 10}, []*mapping.Tag{text(0, 22), register(5, mapping.TypeUint16)}, "3:5+1"},
		{"last registers", Limits{}, words(65535, 65534), "3:65534+2"},
		{"value past the last register", Limits{}, []*mapping.Tag{register(65535, mapping.TypeUint32)}, ""},
		{"tables apart", Limits{}, []*mapping.Tag{
			inTable(mapping.Holding, 0), inTable(mapping.Input, 1), inTable(mapping.Coil, 2), inTable(mapping.Discrete, 3),
		}, "1:2+1, 2:3+1, 3:0+1, 4:1+1"},
		{"single", Limits{Single: true, MaxGap: 16}, []*mapping.Tag{
			register(0, mapping.TypeUint32), register(2, mapping.TypeUint16), bit(2, 3), register(4, mapping.TypeUint16),
		}, "3:0+2, 3:2+1, 3:4+1"},
		{"function instead", Limits{Function: 4}, []*mapping.Tag{
			inTable(mapping.Holding, 0), inTable(mapping.Input, 1), inTable(mapping.Coil, 2),
		}, "1:2+1, 4:0+2"},
		{"function instead, bits", Limits{Function: 1}, []*mapping.Tag{
			inTable(mapping.Holding, 0), inTable(mapping.Discrete, 1), inTable(mapping.Coil, 2),
		}, "1:1+2, 3:0+1"},
		{"bits over a gap", Limits{MaxGap: 1}, []*mapping.Tag{inTable(mapping.Coil, 0), inTable(mapping.Coil, 17)}, "1:0+18 waste 16"},
		{"bits, gap too wide", Limits{MaxGap: 1}, []*mapping.Tag{inTable(mapping.Coil, 0), inTable(mapping.Coil, 18)}, "1:0+1, 1:18+1"},
		{"bits, full", Limits{MaxBits: 8, MaxGap: 1}, []*mapping.Tag{inTable(mapping.Coil, 0), inTable(mapping.Coil, 8)}, "1:0+1, 1:8+1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := requests(planOf(test.limits, test.tags...)); got != test.want {
				t.Errorf("requests = %q, want %q", got, test.want)
			}
		})
	}
}

func TestSplitAt(t *testing.T) {
	for _, test := range []struct {
		name string
		tags []*mapping.Tag
		want int
	}{
		{"one", words(0), 0},
		{"same place", words(4, 4, 4), 0},
		{"middle", words(0, 1, 2, 3, 4, 5), 3},
		{"widest gap", words(0, 2, 3, 7, 9), 3},
		{"of two gaps the one nearer the middle", words(0, 2, 3, 4, 6, 7, 8), 4},
		{"same place stays together", words(0, 0, 0, 1), 3},
		{"through no value", []*mapping.Tag{
			register(0, mapping.TypeUint16), register(1, mapping.TypeUint64), register(2, mapping.TypeUint16), register(3, mapping.TypeUint16),
		}, 1},
		{"through overlapping values at last", []*mapping.Tag{register(0, mapping.TypeUint32), register(1, mapping.TypeUint32)}, 1},
	} {
		if got := splitAt(planOf(Limits{}, test.tags...).items); got != test.want {
			t.Errorf("%s: splitAt = %d, want %d", test.name, got, test.want)
		}
	}
}

func TestRequestTags(t *testing.T) {
	tags := words(5, 4)
	r := planOf(Limits{}, tags...).Requests()[0]
	if r.UnitID != 1 || r.Table != mapping.Holding || len(r.Tags) != 2 || r.Tags[0] != tags[1] || r.Tags[1] != tags[0] {
		t.Errorf("request = %+v, want both tags by address", r)
	}
}

func TestTooLargeForOneRequest(t *testing.T) {
	big := register(7, mapping.TypeUint64)
	p := planOf(Limits{MaxRegisters: 2}, register(0, mapping.TypeUint16), big)
	u := newUnit()
	for range 2 {
		got := u.poll(t, p)
		if got[1] != mapping.BadConfigurationError || got[0] != mapping.Good {
			t.Errorf("qualities = %v, want only the large tag BadConfigurationError", got)
		}
	}
	if want := "map.csv:9: 4 registers from 7 on are more than one request can ask for"; p.Err(1) != want {
		t.Errorf("Err = %q, want %q", p.Err(1), want)
	}
	if raw := p.Raw(nil, 1); len(raw) != 0 {
		t.Errorf("Raw = %x, want nothing", raw)
	}
}

// FuzzPlan compares plans of random tags with what they have to be: every tag asked for once, as a whole, within the
// limits, and no two requests that could have been one.
func FuzzPlan(f *testing.F) {
	f.Add([]byte{16, 125, 0, 0, 0, 1, 2, 0, 18, 3, 1, 0, 2, 1, 4}, uint16(125), uint16(2000), uint8(16))
	f.Add([]byte{0xff, 0xff, 3, 0xff, 0xfe, 1, 0xff, 0xfd, 0}, uint16(3), uint16(1), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, registers, bits uint16, gap uint8) {
		l := Limits{MaxRegisters: int(registers), MaxBits: int(bits), MaxGap: int(gap)}
		tags := randomTags(data)
		p := planOf(l, tags...)
		checkPlan(t, tags, l, p.Requests())
	})
}

// randomTags makes a tag of every three bytes.
func randomTags(data []byte) []*mapping.Tag {
	types := []mapping.Type{mapping.TypeUint16, mapping.TypeUint32, mapping.TypeUint64, mapping.TypeString}
	var tags []*mapping.Tag
	for ; len(data) >= 3 && len(tags) < 300; data = data[3:] {
		tag := inTable(mapping.Table(data[2]%4), int(data[0]%4)<<14|int(data[0]>>6)<<8|int(data[1]))
		if !tag.Address.Table.IsBits() {
			tag.Type = types[data[2]>>2%4]
			tag.Length = int(data[2])
		}
		tags = append(tags, tag)
	}
	return tags
}

func checkPlan(t *testing.T, tags []*mapping.Tag, l Limits, requests []Request) {
	t.Helper()
	seen := map[*mapping.Tag]int{}
	for i, r := range requests {
		most, gap := l.of(uint8(r.Function))
		end := r.Address + r.Count
		if r.Count < 1 || r.Count > most || end > 65536 {
			t.Fatalf("request %+v is beyond the limits %+v", r, l)
		}
		covered := make([]bool, r.Count)
		for _, tag := range r.Tags {
			seen[tag]++
			from := int(tag.Address.Number) - r.Address
			if tag.Address.Table != r.Table || from < 0 || from+tag.Registers() > r.Count {
				t.Fatalf("tag %+v is not within its request %+v", tag, r)
			}
			for n := range tag.Registers() {
				covered[from+n] = true
			}
		}
		wasted, run := 0, 0
		for _, in := range covered {
			if run++; in {
				run = 0
			} else {
				wasted++
			}
			if run > gap {
				t.Fatalf("request %+v reads over a gap of more than %d", r, gap)
			}
		}
		if wasted != r.Wasted || !covered[0] || !covered[r.Count-1] {
			t.Fatalf("request %+v wastes %d, or begins or ends in a gap", r, wasted)
		}
		if i+1 == len(requests) || requests[i+1].Table != r.Table {
			continue
		}
		next := requests[i+1].Tags[0]
		joined := max(end, int(next.Address.Number)+next.Registers()) - r.Address
		if int(next.Address.Number) <= end+gap && joined <= most {
			t.Fatalf("request %+v has room for %+v", r, next)
		}
	}
	for _, tag := range tags {
		most, _ := l.of(functions[tag.Address.Table])
		want := 1
		if tag.Registers() > most || int(tag.Address.Number)+tag.Registers() > 65536 || tag.Registers() == 0 {
			want = 0
		}
		if seen[tag] != want {
			t.Fatalf("tag %+v is asked for %d times, want %d", tag, seen[tag], want)
		}
	}
}

// TestOutlines are the requests but for what they say of tags.
func TestOutlines(t *testing.T) {
	p := planOf(Limits{MaxGap: 16}, append(words(0, 5, 200), inTable(mapping.Coil, 1), register(300, mapping.TypeFloat32))...)
	outlines, full := p.Outlines(), p.Requests()
	if len(outlines) != len(full) || len(full) != 4 {
		t.Fatalf("%d outlines of %d requests", len(outlines), len(full))
	}
	for i, r := range full {
		r.Tags, r.Wasted = nil, 0
		if !reflect.DeepEqual(r, outlines[i]) {
			t.Errorf("request %d is %+v, its outline %+v", i, r, outlines[i])
		}
	}
}
