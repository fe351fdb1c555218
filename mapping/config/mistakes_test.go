package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mistakes are rows that cannot be used, with a part of what must be said about them; the columns are
// tag,address,type,order,poll,scale,raw_min,raw_max,eng_min,eng_max,min,max,invalid,enum,deadband,report.
var mistakes = []struct{ row, want string }{
	{",40001", "needs a name"}, {"a+b,40001", "+ or #"}, {"_a,40001", "begin with _"}, {"time,40001", "time"},
	{"x1,", "needs an address"}, {"x2,1", "leading zeros lost? coil:0"}, {"x3,50001", "first digit 5"}, {"x4,40001.1", "40001.b1"},
	{"x5,40001.b16", "no bit 16"}, {"x6,coil:1.b2", "single bit"}, {"x7,holding:65536", "past 65535"}, {"x8,hold:3", "no table"},
	{"x9,holding:65535,float32", "ends at 65535"}, {"x10,40001,flot32", "did you mean float32?"}, {"x11,40001,string", "string:N"},
	{"x12,coil:0,uint16", "its type is bool"}, {"x13,40001,,ABDC", "must be ABCD"}, {"x14,40001,,,5", "needs a unit"},
	{"x15,40001,,,1ms", "must be from 10ms"}, {"x16,40001,,,,0", "must not be 0"}, {"x17,40001,,,,ten", "must be a number"},
	{"x18,40001,,,,2,0,10,0,100", "keep one of both"}, {"x19,40001,,,,,4,4,0,1", "must differ from raw_min"},
	{"x20,40001,,,,,4,5,1,1", "must differ from eng_min"}, {"x21,40001,,,,,4,5", "eng_min and eng_max are missing"},
	{"x22,40001,,,,,,,,,5,4", "must not be more than max"}, {"x23,coil:0,,,,,,,,,5", "no plausible range"},
	{"x24,40001,int16,,,,,,,,,,40000", "no value of int16"}, {"x25,40001,,,,,,,,,,,0x12345", "does not fit"},
	{"x26,40001,,,,,,,,,,,,off", "must be value=text"}, {"x27,40001,,,,,,,,,,,,1=a|1=b", "twice"},
	{"x28,40001,,,,,,,,,,,,70000=a", "no value of uint16"}, {"x29,40001,,,,,,,,,,,,,1%", "percent of what?"},
	{"x30,coil:0,,,,,,,,,,,,,1", "no deadband"}, {"x31,40001,,,,,,,,,,,,,,never", "must be all, change or none"},
	{"x32,40001,,,,=A1*2", "a formula"}, {"x33,40001,,,,#REF!", "an error of the spreadsheet's"},
	{`x34,40001,,,,"0,5"`, "the decimal mark"}, {`x35,40001,,,,"1,000"`, "thousands"}, {"good0,40001", "in line 2"},
}

// TestFortyMistakes plants 40 mistakes in a map of 200 rows: each is reported at its line, in one run, and nothing else.
func TestFortyMistakes(t *testing.T) {
	if len(mistakes) != 40 {
		t.Fatalf("%d mistakes", len(mistakes))
	}
	want := map[int]string{}
	var b strings.Builder
	b.WriteString("tag,address,type,order,poll,scale,raw_min,raw_max,eng_min,eng_max,min,max,invalid,enum,deadband,report\n")
	for i := range 200 {
		if i%5 == 3 {
			want[i+2] = mistakes[i/5].want
			b.WriteString(mistakes[i/5].row + "\n")
			continue
		}
		fmt.Fprintf(&b, "good%d,%d,int16,,1s,0.1\n", i, 40100+i)
	}
	path := filepath.Join(t.TempDir(), "map.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	c, ps := loadText(`{devices: [{name: plc, url: "tcp://h", tags: ["` + path + `"]}], sinks: []}`)
	for _, p := range ps {
		text, ok := want[p.Line]
		if !ok || !strings.Contains(p.Message, text) || p.File != path || p.Warning {
			t.Errorf("%s, want %q", p, text)
		}
		delete(want, p.Line)
	}
	if len(want) != 0 {
		t.Errorf("not reported: %v", want)
	}
	if n := len(c.Devices[0].Tags); n != 160 {
		t.Errorf("%d tags, want the other 160", n)
	}
}
