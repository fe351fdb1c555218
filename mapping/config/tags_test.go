package config

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/tagmap"
)

// oneTag loads a map of one row, given as column=value pairs.
func oneTag(t *testing.T, cells ...string) *mapping.Tag {
	t.Helper()
	header, row := []string{"tag", "address"}, []string{"t", "40001"}
	for _, c := range cells {
		name, text, _ := strings.Cut(c, "=")
		header, row = append(header, name), append(row, `"`+text+`"`)
		if name == "address" {
			header, row = header[:len(header)-1], row[:len(row)-1]
			row[1] = text
		}
	}
	tags, ps := loadMap(t, strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n")
	if len(ps) != 0 || len(tags) != 1 {
		t.Fatalf("%v: %d tags, %v", cells, len(tags), ps)
	}
	return tags[0]
}

func TestDefaultTypes(t *testing.T) {
	for address, want := range map[string]mapping.Type{
		"40001": mapping.TypeUint16, "input:0": mapping.TypeUint16, "coil:0": mapping.TypeBool, "10001": mapping.TypeBool,
		"40001.b3": mapping.TypeBool, "40001.hi": mapping.TypeUint8, "input:0.lo": mapping.TypeUint8,
	} {
		if got := oneTag(t, "address="+address).Type; got != want {
			t.Errorf("%s: type %s, want %s", address, got, want)
		}
	}
}

func TestDeadband(t *testing.T) {
	tests := []struct {
		cells string
		want  float64
	}{
		{"deadband=0.5", 0.5},
		{"deadband=1%;min=0;max=50", 0.5},
		{"deadband=1 %;raw_min=0;raw_max=10;eng_min=100;eng_max=0;min=0;max=50", 1},
		{"deadband=10%;eng_min=0;eng_max=5", 0.5},
		{"deadband=0;report=all", 0},
	}
	for _, tt := range tests {
		tag := oneTag(t, strings.Split(tt.cells, ";")...)
		if tag.Deadband != (mapping.Deadband{Value: tt.want}) {
			t.Errorf("%s: %+v", tt.cells, tag.Deadband)
		}
		if change := tag.Report == mapping.ReportChange; change != (tt.want != 0) {
			t.Errorf("%s: report %v", tt.cells, tag.Report)
		}
	}
	c, ps := loadText(`{devices: [{name: a, driver: opcua, url: "opc.tcp://h", tags: [{tag: t, address: "i=85", deadband: 2%}]}], sinks: []}`)
	if len(ps) != 0 || c.Devices[0].Tags[0].Deadband != (mapping.Deadband{Value: 2, Percent: true}) {
		t.Errorf("of the server's range: %+v, %v", c.Devices[0].Tags[0].Deadband, ps)
	}
}

func TestSubscribedReportsChange(t *testing.T) {
	c, ps := loadText(`{devices: [{name: a, driver: opcua, url: "opc.tcp://h", mode: subscribe, tags: [{tag: t, address: "i=85", heartbeat: 1m}]}], sinks: []}`)
	tag := c.Devices[0].Tags[0]
	if len(ps) != 0 || tag.Report != mapping.ReportChange || tag.Heartbeat != time.Minute || c.Devices[0].OPCUA.Timestamps != "source" {
		t.Errorf("%+v, %v", tag, ps)
	}
}

func TestScaling(t *testing.T) {
	one := mapping.Decimal{Mant: 1}
	if s := oneTag(t, "scale=1.0", "offset=0").Scaling; s.Kind != mapping.Unscaled {
		t.Errorf("scale 1, offset 0: %+v", s)
	}
	if s := oneTag(t, "offset=-40").Scaling; s.Kind != mapping.Linear || s.Scale != one || s.Offset.String() != "-40" {
		t.Errorf("offset alone: %+v", s)
	}
	falling := oneTag(t, "raw_min=0", "raw_max=10", "eng_min=100", "eng_max=50", "clamp=low").Scaling
	if fmt.Sprint(falling.RawMin, falling.RawMax, falling.EngMin, falling.EngMax) != "10 0 50 100" {
		t.Errorf("falling range: %+v", falling)
	}
	tag := oneTag(t, "raw_min=4000", "raw_max=20000", "eng_min=-1e1", "eng_max=50", "clamp=HIGH")
	if s := tag.Scaling; s.Kind != mapping.FromRange || s.EngMin.String() != "-10" || tag.Clamp != mapping.ClampHigh {
		t.Errorf("range: %+v", s)
	}
}

func TestInvalidAndEnum(t *testing.T) {
	got := oneTag(t, "type=int16", "invalid=0x8000| -1 |32767").Invalid
	want := []mapping.Invalid{
		{Hex: true, Bits: 0x8000, Text: "0x8000"},
		{Value: mapping.Decimal{Mant: -1}, Text: "-1"},
		{Value: mapping.Decimal{Mant: 32767}, Text: "32767"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("invalid %v, want %v", got, want)
	}
	if got := oneTag(t, "type=string:4", "invalid=----|0x00").Invalid; len(got) != 2 || got[0].Text != "----" || got[1].Hex {
		t.Errorf("invalid texts %v", got)
	}
	enum := oneTag(t, "type=int16", "enum=1 = on |0=off|-5=a=b").Enum
	if fmt.Sprint(enum) != "[{-5 a=b} {0 off} {1 on}]" {
		t.Errorf("enum %v", enum)
	}
	if enum := oneTag(t, "address=coil:0", "enum=true=open|false=closed").Enum; fmt.Sprint(enum) != "[{0 closed} {1 open}]" {
		t.Errorf("enum of a coil %v", enum)
	}
}

func TestLabels(t *testing.T) {
	tags, ps := loadMap(t, "tag,address,label.area,label.line\na,40001,,\nb,40002,south,7\nc,40003\n")
	if len(ps) != 0 {
		t.Fatal(ps)
	}
	for i, want := range []string{"[]", "[{area south} {line 7}]", "[]"} {
		if got := fmt.Sprint(tags[i].Labels); got != want {
			t.Errorf("labels of %s: %s, want %s", tags[i].Name, got, want)
		}
	}
	if got := fmt.Sprint(oneTag(t, "unit=V").Labels); got != "[{area north}]" {
		t.Errorf("without a label column: %s, want the device's", got)
	}
}

func TestOverlapsAllowed(t *testing.T) {
	_, ps := loadMap(t, "tag,address,type\n"+
		"word,40001,uint16\nbit,40001.b0,\nhi,40001.hi,\nbool,40001,bool\n"+ // a word and its parts
		"f,40010,float32\ng,40010,float32\nlow,40011,uint16\n"+ // one value twice, and its second word
		"in,30010,int32\n") // another table
	if len(ps) != 0 {
		t.Errorf("problems: %v", ps)
	}
	_, ps = loadMap(t, "tag,address,type\nlong,40001,string:40\na,40005,float32\nb,40010,int32\nc,40021,int32\n")
	if len(ps) != 2 || ps[0].Line != 3 || ps[1].Line != 4 {
		t.Errorf("overlaps of a long text: %v", ps)
	}
}

// Values of all 64 bits, in decimal: no Decimal holds them.
func TestInvalidLongValues(t *testing.T) {
	for _, c := range []struct{ typ, list, raw string }{
		{"int64", "-9223372036854775808", "8000000000000000"},
		{"int64", "1|9223372036854775807", "7fffffffffffffff"},
		{"uint64", "18446744073709551615", "ffffffffffffffff"},
		{"uint64", "09223372036854775808", "8000000000000000"},
		{"float32", "-3.40282346638528859812e+38", "ff7fffff"},
		{"float64", "1.79769313486231570814527423731704357e308", "7fefffffffffffff"},
	} {
		codec := mapping.Compile(oneTag(t, "type="+c.typ, "invalid="+c.list))
		raw, err := hex.DecodeString(c.raw)
		if err != nil {
			t.Fatal(err)
		}
		var b mapping.Batch
		var s mapping.Sample
		if codec.Registers(raw, &b, &s); s.Quality != mapping.BadNoData {
			t.Errorf("%s %s: %s of %s", c.typ, c.list, s.Quality, c.raw)
		}
	}
}

func TestEnumNumbers(t *testing.T) {
	list := oneTag(t, "type=int16", "enum=-1=a|010=b|0x10=c|-0x10=d|+3=e").Enum
	want := []mapping.EnumText{{Value: -16, Text: "d"}, {Value: -1, Text: "a"}, {Value: 3, Text: "e"}, {Value: 10, Text: "b"}, {Value: 16, Text: "c"}}
	if !slices.Equal(list, want) {
		t.Errorf("%v, want %v", list, want)
	}
}

// The minus sign of word processors, which nobody can tell from that of the keyboard.
func TestTypographicMinus(t *testing.T) {
	tag := oneTag(t, "type=int16", "scale=\u22120.1", "min=\u221240", "invalid=\u22121")
	if tag.Scaling.Scale.String() != "-0.1" || tag.Min.Decimal.String() != "-40" || tag.Invalid[0].Value.Mant != -1 {
		t.Errorf("%+v", tag)
	}
}

// Each tag that no request can hold is reported at its row.
func TestAllTooLongTags(t *testing.T) {
	_, ps := loadText(`devices:
  - {name: d, url: "tcp://h", max_registers: 3, tags: [
    {tag: a, address: 40001, type: "string:7"}, {tag: b, address: 40011, type: float32},
    {tag: c, address: 40021, type: int64}]}
sinks: []
`)
	if len(ps) != 2 || ps[0].Line != 3 || ps[1].Line != 4 {
		t.Errorf("%v", ps)
	}
}

func TestElements(t *testing.T) {
	for text, ok := range map[string]bool{
		"[3]": true, "[1,2]": true, "[1, 2]": true, ".Speed": true, "[3].Speed": true, ".Axis[2].Speed": true, "[*]": true,
		"3": false, "Speed": false, "[-1]": false, "[1:3]": false, "[1,]": false, "[]": false, ".": false, "[3": false,
	} {
		_, err := tagmap.Tag(tagmap.Defaults{Driver: "opcua"}, map[string]string{"tag": "t", "address": "ns=2;s=a", "element": text})
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
