package bridge

import (
	"fmt"
	"testing"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// realFormats are formats of real devices that need more than a type, an order and a scale: what their registers hold, the
// rows that say it, and what a display shows then.
var realFormats = []struct {
	name    string
	options string // of the device
	header  string
	rows    string
	holding map[int][]uint16
	input   map[int][]uint16
	want    map[string]string // as JSON; the quality where there is no value
}{
	{
		name: "power of ten in another register (SunSpec sunssf)", header: "tag,address,type,scale_by",
		rows:    "power,40084,int16,40085\nenergy,40092,uint32,40096\nnone,40100,int16,40101\n",
		holding: map[int][]uint16{83: {0x3A98, 0xFFFF}, 91: {0x0001, 0x86A0, 0, 0, 2}, 99: {1, 0x8000}},
		want:    map[string]string{"power": "1500.0", "energy": "10000000.0", "none": "BadNoData"},
	},
	{
		name: "modulo 10000 over 3 or 4 registers (Schneider PM800, CM4000)", header: "tag,address,type,order",
		rows:    "wh3,holding:0,mod10k:3,CDAB\nwh4,holding:10,mod10k:4,CDAB\nfirst,holding:20,mod10k:4,\n",
		holding: map[int][]uint16{0: {1234, 5678, 9}, 10: {4321, 8765, 1, 2}, 20: {2, 1, 8765, 4321}},
		want:    map[string]string{"wh3": "956781234", "wh4": "2000187654321", "first": "2000187654321"},
	},
	{
		name: "48 bits in 3 registers (Seneca S504C)", header: "tag,address,type,scale",
		rows:    "up,holding:0,uint48,\nnet,holding:3,int48,0.1\n",
		holding: map[int][]uint16{0: {1, 2, 3, 0xFFFF, 0xFFFF, 0xFFFE}},
		want:    map[string]string{"up": "4295098371", "net": "-0.2"},
	},
	{
		name: "24 bits (PZEM, s24, u24, bcd24)", header: "tag,address,type",
		rows:    "u24,holding:0,uint24\ns24,holding:2,int24\nbcd24,holding:4,bcd32\n",
		holding: map[int][]uint16{0: {0x0012, 0x3456, 0x00FF, 0xFFFE, 0x0012, 0x3456}},
		want:    map[string]string{"u24": "1193046", "s24": "-2", "bcd24": "123456"},
	},
	{
		name: "whole and part in two registers (MWh and kWh; kWh and 1/1000 in another table)", header: "tag,address,type,report,expr",
		rows: "mwh,holding:0,uint16,none,\nkwh,holding:1,uint16,none,\nenergy,,,,mwh * 1000 + kwh\n" +
			"whole,holding:2,uint32,none,\nthousandth,input:7,uint16,none,\nfine,,,,whole + thousandth / 1000\n",
		holding: map[int][]uint16{0: {12, 345, 1, 0}}, input: map[int][]uint16{7: {567}},
		want: map[string]string{"energy": "12345.0", "fine": "65536.567", "mwh": "12", "thousandth": "567"},
	},
	{
		name: "sign in another register", header: "tag,address,type,expr",
		rows:    "size,holding:0,uint16,\ndirection,holding:1,uint16,\npower,,,direction == 1 ? -size : size\n",
		holding: map[int][]uint16{0: {1500, 1}},
		want:    map[string]string{"power": "-1500.0"},
	},
	{
		name: "sign and magnitude", header: "tag,address,type",
		rows:    "a,holding:0,sm16\nb,holding:1,sm32\n",
		holding: map[int][]uint16{0: {0x8005, 0x8001, 0x86A0}},
		want:    map[string]string{"a": "-5", "b": "-100000"},
	},
	{
		name: "folded power factor (Phoenix EEM; Schneider 4Q_FP_PF)", header: "tag,address,type,expr",
		rows: "x,holding:0,int16,\npf,,,x < 1 ? -(x*0.01+1) : 1-x*0.01\ny,holding:1,int16,\npf2,,,y < 1 ? -(y*0.01+1) : 1-y*0.01\n" +
			"z,holding:2,float32,\npf4q,,,z > 1 ? 2 - z : z < -1 ? -2 - z : z\n",
		holding: map[int][]uint16{0: {5, 0xFFFB, 0x3F8C, 0xCCCD}}, // 5, -5, 1.1
		want:    map[string]string{"pf": "0.95", "pf2": "-0.95", "pf4q": "0.9"},
	},
	{
		name: "multiplied by another register (CT ratio, place of the decimal point)", header: "tag,address,type,expr",
		rows:    "i,holding:0,uint16,\nct,holding:40,uint16,\ncurrent,,,i * ct / 1000\nn,holding:50,int16,\ndp,holding:51,uint16,\nshown,,,\"n / pow(10, dp)\"\n",
		holding: map[int][]uint16{0: {250}, 40: {40}, 50: {12345, 2}},
		want:    map[string]string{"current": "10.0", "shown": "123.45"},
	},
	{
		name: "ranges of bits (nibble, positions of switches)", header: "tag,address,type,enum",
		rows:    "nibble,holding:0.b4,bits:4,\nswitch,holding:1.b2,bits:2,0=between|1=off|2=on|3=fault\nwide,holding:2.b12,bits:8,\n",
		holding: map[int][]uint16{0: {0x005A, 0x0008, 0x1234, 0xABCD}},
		want:    map[string]string{"nibble": "5", "switch": "2", "wide": "74"},
	},
	{
		name: "one character a register (FoxESS)", header: "tag,address,type",
		rows:    "model,holding:0,chars:8\nplain,holding:0,string:16\n",
		holding: map[int][]uint16{0: {'H', '3', '-', '1', '0', '.', '0', 0}},
		want:    map[string]string{"model": `"H3-10.0"`, "plain": "BadDecodingError"},
	},
	{
		name: "date and time (BCD bytes, packed bytes, six registers, IEC, epoch)", header: "tag,address,type,order",
		rows: "bcd,holding:0,datetime:bcd,\nepever,holding:10,datetime:packed,CDAB\nsolis,holding:20,datetime:six,\n" +
			"iec,holding:30,datetime:iec,\nepoch,holding:40,datetime:epoch,\nlow,holding:0.lo,bcd8,\n",
		holding: map[int][]uint16{
			0: {0x2407, 0x1512, 0x3456}, 10: {34<<8 | 56, 15<<8 | 12, 24<<8 | 7}, 20: {2024, 7, 15, 12, 34, 56},
			30: {0x0018, 0x070F, 0x0C22, 0xDAC0}, 40: {0x6553, 0xF100},
		},
		want: map[string]string{
			"bcd": `"2024-07-15T12:34:56Z"`, "epever": `"2024-07-15T12:34:56Z"`, "solis": `"2024-07-15T12:34:56Z"`,
			"iec": `"2024-07-15T12:34:56.000Z"`, "epoch": `"2023-11-14T22:13:20Z"`, "low": "7",
		},
	},
	{
		name: "valid only if another register says so (zeros at dawn)", header: "tag,address,type,valid_if",
		rows:    "today,holding:0,uint16,lifetime > 0\nlifetime,holding:1,uint32,\nnight,holding:10,uint16,state == 4\nstate,holding:12,uint16,\n",
		holding: map[int][]uint16{0: {0, 0, 0}, 10: {77, 0, 4}},
		want:    map[string]string{"today": "BadNoData", "lifetime": "0", "night": "77"},
	},
}

// readFormats reads each tag of a map once from a device at unit 1, and tells what comes, as JSON, or its quality.
func readFormats(t *testing.T, u *plc.Unit, options, rows string) map[string]string {
	t.Helper()
	s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}, Silent: true})
	link, job := compiledMap(t, s.Addr(), options, rows)
	var b mapping.Batch
	b.Reset(job.Group)
	if err := drivers.ReadOnce(t.Context(), link, job, &b); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i := range b.Samples {
		sample := &b.Samples[i]
		series := job.Group.Series[sample.Index]
		var text []byte
		if sample.Kind == mapping.Text {
			text = b.Text(sample)
		}
		got[series.Tag] = string(mapping.AppendJSONValue(nil, series, sample, text))
		if sample.Quality != mapping.Good {
			got[series.Tag] = sample.Quality.String()
		}
	}
	return got
}

// TestRealFormats serves what such devices hold and reads it, each with the rows of a map alone.
func TestRealFormats(t *testing.T) {
	for _, c := range realFormats {
		t.Run(c.name, func(t *testing.T) {
			u := plc.NewUnit(plc.UnitOptions{})
			for table, areas := range map[mapping.Table]map[int][]uint16{mapping.Holding: c.holding, mapping.Input: c.input} {
				for first, values := range areas {
					if err := u.Set(table, first, values...); err != nil {
						t.Fatal(err)
					}
				}
			}
			got := readFormats(t, u, c.options, c.header+"\n"+c.rows)
			for tag, want := range c.want {
				if got[tag] != want {
					t.Errorf("%s is %s, want %s", tag, got[tag], want)
				}
			}
		})
	}
}

// TestRealFormatOfFourBytes reads a JANZ meter: 1 register asked for, 4 bytes answered for its energies and 2 for its voltage.
func TestRealFormatOfFourBytes(t *testing.T) {
	u := plc.NewUnit(plc.UnitOptions{})
	if err := u.SetWide(mapping.Input, 0x26, 1234605, 1234606); err != nil {
		t.Fatal(err)
	}
	if err := u.Set(mapping.Input, 0x6C, 0x08E5); err != nil {
		t.Fatal(err)
	}
	energies := readFormats(t, u, "register_bytes: 4,", "tag,address,type,scale\na,input:0x26,uint32,0.001\nb,input:0x27,uint32,0.001\n")
	voltage := readFormats(t, u, "", "tag,address,type,scale\nv,input:0x6C,uint16,0.1\n")
	if got := fmt.Sprint(energies, voltage); got != "map[a:1234.605 b:1234.606] map[v:227.7]" {
		t.Errorf("%s", got)
	}
}
