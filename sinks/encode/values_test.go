package encode

import (
	"testing"

	"tagbridge/mapping"
)

func TestValues(t *testing.T) {
	b := poll()
	bad(b, 7, mapping.BadTimeout)
	b.Samples[8].Quality = mapping.GoodClamped
	var e Values
	checkText(t, e.Append(nil, b), `{"time":"2026-01-02T03:04:05.678901234Z","bridge":"line-3","device":"boiler","values":`+
		`{"temp":23.1,"level":50.5,"state":1,"energy":9223372036854775807,"delta":-9223372036854775808,"on":true,`+
		`"name":"Kessel \"7\"\nüber","flow":null,"steps":-5},"quality":{"flow":"BadTimeout","steps":"GoodClamped"}}`)
}

func TestAppendValue(t *testing.T) {
	b := poll()
	bad(b, 7, mapping.BadTimeout)
	for i, want := range []string{"23.1", "50.5", `running "fast"`, "9223372036854775807", "-9223372036854775808", "true",
		"Kessel \"7\"\nüber", "", "-5"} {
		checkText(t, AppendValue(nil, b, i), want)
	}
}

func TestRuns(t *testing.T) {
	var r Runs
	s := func(time int64, index uint16) mapping.Sample { return mapping.Sample{Time: time, Index: index} }
	samples := []mapping.Sample{s(1, 5), s(1, 2), s(1, 9), s(1, 2), s(2, 3), s(2, 4)}
	for _, want := range []int{3, 1, 2} {
		if n := r.Len(samples, 10); n != want {
			t.Errorf("%d samples in a run, want %d", n, want)
		}
		samples = samples[want:]
	}
}

func TestValuesAllocateNothing(t *testing.T) {
	b := poll()
	var e Values
	dst := e.Append(nil, b)
	if n := testing.AllocsPerRun(100, func() { dst = e.Append(dst[:0], b) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
