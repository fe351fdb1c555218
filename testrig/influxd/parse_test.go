package influxd

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestParseLine(t *testing.T) {
	tests := []struct {
		line string
		want Point
	}{
		{`boiler,bridge=line-3,device=boiler temp=23.1 1767323045678`, Point{
			Measurement: "boiler", Tags: []Tag{{"bridge", "line-3"}, {"device", "boiler"}},
			Fields: []Field{{"temp", 23.1}}, Time: 1767323045678,
		}},
		{`m a=1i,b=-2i,c=3u,d=t,e=FALSE,f="x",g=1e-3,h=-0 -5`, Point{
			Measurement: "m", Time: -5,
			Fields: []Field{
				{"a", int64(1)}, {"b", int64(-2)}, {"c", uint64(3)}, {"d", true}, {"e", false}, {"f", "x"},
				{"g", 1e-3}, {"h", math.Copysign(0, -1)},
			},
		}},
		{`my\ mea\,sure=,t\ \,\=1=v\ \,\=2 f\ \,\=3="a \"quoted\" \\ b, c=d" 1`, Point{
			Measurement: "my mea,sure=", Tags: []Tag{{"t ,=1", "v ,=2"}},
			Fields: []Field{{"f ,=3", `a "quoted" \ b, c=d`}}, Time: 1,
		}},
		{`back\slash,t=C:\new f="C:\dir" 1`, Point{
			Measurement: `back\slash`, Tags: []Tag{{"t", `C:\new`}}, Fields: []Field{{"f", `C:\dir`}}, Time: 1,
		}},
		{"m f=\"two\nlines\" 1", Point{Measurement: "m", Fields: []Field{{"f", "two\nlines"}}, Time: 1}},
		{`Überhitzer,unit=°C wert=1 1`, Point{
			Measurement: "Überhitzer", Tags: []Tag{{"unit", "°C"}}, Fields: []Field{{"wert", 1.0}}, Time: 1,
		}},
	}
	for _, test := range tests {
		got, err := ParseLine([]byte(test.line), 1)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("ParseLine(%s) = %+v, %v, want %+v", test.line, got, err, test.want)
		}
	}
}

func TestParseLineUnit(t *testing.T) {
	if p, err := ParseLine([]byte("m f=1 1767323045678"), 1e6); err != nil || p.Time != 1767323045678e6 {
		t.Errorf("milliseconds = %d, %v", p.Time, err)
	}
	if _, err := ParseLine([]byte("m f=1 1767323045678000"), 1e6); err == nil {
		t.Error("a time after 2262 was taken")
	}
}

func TestParseLineRefuses(t *testing.T) {
	tests := []struct{ line, want string }{
		{"", "measurement: empty"},
		{"m", "no fields"},
		{"m ", "field: empty"},
		{"m f", "no value"},
		{"m f=", "no value"},
		{"m f= 1", "no value"},
		{"m f=1", "no timestamp"},
		{"m f=1 ", "bad timestamp"},
		{"m f=1 x", "bad timestamp"},
		{"m f=1 1.5", "bad timestamp"},
		{"m f=1 1 ", "bad timestamp"},
		{"m f=NaN 1", "invalid number"},
		{"m f=+Inf 1", "invalid number"},
		{"m f=0x10 1", "invalid number"},
		{"m f=1_0 1", "invalid number"},
		{"m f=1e999 1", "invalid number"},
		{"m f=1.5i 1", "invalid integer"},
		{"m f=i 1", "invalid integer"},
		{"m f=9223372036854775808i 1", "invalid integer"},
		{"m f=-1u 1", "invalid unsigned"},
		{"m f=tru 1", "invalid unsigned"},
		{`m f="x 1`, "unbalanced quotes"},
		{`m f="x"y 1`, "no timestamp"},
		{"m,t= f=1 1", "value of tag t: empty"},
		{"m,t f=1 1", "no value"},
		{"m,=v f=1 1", "tag: empty"},
		{"m,b=1,a=1 f=1 1", "not sorted"},
		{"m,a=1,a=2 f=1 1", "twice"},
		{"m f=1,f=2 1", "twice"},
		{"m f=1, 1", "field: empty"},
		{`m,t=x\`, "ends in a backslash"},
		{"m\xff f=1 1", "UTF-8"},
		{",t=1 f=1 1", "measurement: empty"},
		{" f=1 1", "measurement: empty"},
	}
	for _, test := range tests {
		_, err := ParseLine([]byte(test.line), 1)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("ParseLine(%q): error %v, want %q in it", test.line, err, test.want)
		}
	}
}

func TestNextLine(t *testing.T) {
	body := "m f=1 1\n" + `a"b,t=" f="x` + "\n" + `y\"" 2` + "\n\n" + `m a\="b=1 3` + "\nlast f=1 4"
	want := []string{"m f=1 1", `a"b,t=" f="x` + "\n" + `y\"" 2`, "", `m a\="b=1 3`, "last f=1 4"}
	var got []string
	for rest := []byte(body); len(rest) > 0; {
		var line []byte
		line, rest = nextLine(rest)
		got = append(got, string(line))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("lines = %q, want %q", got, want)
	}
}

// write is line protocol of p, by the book.
func write(p Point) string {
	key := strings.NewReplacer(",", `\,`, "=", `\=`, " ", `\ `)
	var b strings.Builder
	b.WriteString(strings.NewReplacer(",", `\,`, " ", `\ `).Replace(p.Measurement))
	for _, t := range p.Tags {
		fmt.Fprintf(&b, ",%s=%s", key.Replace(t.Name), key.Replace(t.Value))
	}
	for i, f := range p.Fields {
		b.WriteByte(" ,"[min(i, 1)])
		b.WriteString(key.Replace(f.Name) + "=")
		switch v := f.Value.(type) {
		case int64:
			fmt.Fprintf(&b, "%di", v)
		case uint64:
			fmt.Fprintf(&b, "%du", v)
		case string:
			b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`)
		default:
			fmt.Fprintf(&b, "%v", v)
		}
	}
	fmt.Fprintf(&b, " %d", p.Time)
	return b.String()
}

func FuzzParseLine(f *testing.F) {
	f.Add("boiler,bridge=line-3,device=boiler temp=23.1,state=1i,on=t,text=\"a b\" 1767323045678")
	f.Add(`my\ mea\,sure=,t\ \,\=1=v\ \,\=2 f\ \,\=3="a \"quoted\" \\ b, c=d" 1`)
	f.Add(`m a\="b=1 3`)
	f.Fuzz(func(t *testing.T, line string) {
		p, err := ParseLine([]byte(line), 1)
		if err != nil {
			return
		}
		again, err := ParseLine([]byte(write(p)), 1)
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("%q reads as %+v, written %q reads as %+v, %v", line, p, write(p), again, err)
		}
		if split, rest := nextLine([]byte(write(p) + "\nm f=1 1")); len(split) != len(write(p)) || string(rest) != "m f=1 1" {
			t.Errorf("%q splits into %q and %q", write(p), split, rest)
		}
	})
}
