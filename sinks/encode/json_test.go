package encode

import (
	"encoding/json"
	"math"
	"testing"

	"tagbridge/mapping"
)

func TestJSON(t *testing.T) {
	b := poll()
	bad(b, 7, mapping.BadTimeout)
	const head = `{"time":"2026-01-02T03:04:05.678901234Z","bridge":"line-3","device":"boiler","tag":`
	const area, zone = `"labels":{"area":"boilerhouse"}}`, `"labels":{"area":"boilerhouse","zone":"2"}}`
	var j JSON
	checkText(t, j.Append(nil, b),
		head+`"temp","value":23.1,"quality":"Good","unit":"°C",`+area+"\n"+
			head+`"level","value":50.5,"quality":"Good","unit":"%",`+area+"\n"+
			head+`"state","value":1,"quality":"Good","text":"running \"fast\"",`+area+"\n"+
			head+`"energy","value":9223372036854775807,"quality":"Good",`+zone+"\n"+
			head+`"delta","value":-9223372036854775808,"quality":"Good",`+zone+"\n"+
			head+`"on","value":true,"quality":"Good",`+area+"\n"+
			head+`"name","value":"Kessel \"7\"\nüber","quality":"Good"}`+"\n"+
			head+`"flow","value":null,"quality":"BadTimeout",`+area+"\n"+
			head+`"steps","value":-5,"quality":"Good",`+area+"\n")
}

func TestJSONWholeFloatsHaveAPoint(t *testing.T) {
	b := poll()
	b.Samples[1].Bits = 230
	b.Samples[3].Bits = math.MaxUint64
	var j JSON
	for i, want := range map[int]string{1: "23.0", 7: "-23.0", 3: "18446744073709551615"} {
		var got struct{ Value json.RawMessage }
		if err := json.Unmarshal(j.AppendOne(nil, b, i), &got); err != nil || string(got.Value) != want {
			t.Errorf("value of %s = %s, %v, want %s", b.Group.Series[b.Samples[i].Index].Tag, got.Value, err, want)
		}
	}
}

func TestTimesHaveNineDecimals(t *testing.T) {
	var c stamp
	for ns, want := range map[int64]string{
		at:          "2026-01-02T03:04:05.678901234Z",
		at + 1:      "2026-01-02T03:04:05.678901235Z",
		0:           "1970-01-01T00:00:00.000000000Z",
		1e9:         "1970-01-01T00:00:01.000000000Z",
		1e9 + 10:    "1970-01-01T00:00:01.000000010Z",
		-1:          "1969-12-31T23:59:59.999999999Z",
		-1000000001: "1969-12-31T23:59:58.999999999Z",
	} {
		if got := string(c.append(nil, ns)); got != want {
			t.Errorf("time %d = %s, want %s", ns, got, want)
		}
	}
}

func TestRejected(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "m", UnitID: 7, Own: true, Series: []*mapping.Series{
		{Tag: "x", Field: "y", SeriesTraits: &mapping.SeriesTraits{Exp: -1}},
	}})
	b := &mapping.Batch{Group: g, Samples: []mapping.Sample{
		{Time: at, Kind: mapping.Dec, Bits: 15, Quality: mapping.GoodClamped, Flags: mapping.ShowQuality},
	}}
	checkText(t, new(JSON).AppendRejected(nil, b, 0, `no "good"`),
		`{"time":"2026-01-02T03:04:05.678901234Z","bridge":"b","device":"d","tag":"x","value":1.5,"quality":"GoodClamped",`+
			`"kind":"decimal","exp":-1,"status":3145728,"show_quality":true,"measurement":"m","field":"y","unit_id":7,"own":true,`+
			`"reason":"no \"good\"","sum":"dcff9c0a"}`+"\n")
}

func TestEncodersAllocateNothing(t *testing.T) {
	b := poll()
	dst := make([]byte, 0, 1<<16)
	var j JSON
	var c CSV
	if n := testing.AllocsPerRun(100, func() {
		dst = j.Append(dst[:0], b)
		dst = c.Append(dst, b)
	}); n != 0 {
		t.Errorf("%v allocations a batch, want none", n)
	}
}
