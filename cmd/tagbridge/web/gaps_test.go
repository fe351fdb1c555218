package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/testrig/plc"
)

// TestGapsOverHTTP has a unit be silent, and asks the bridge that runs what is missing.
func TestGapsOverHTTP(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	r.plant(addr, "")
	b := r.run()
	report := func(path string) (r gaps.Report) {
		_, body := b.get("/api/v1/gaps" + path)
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return r
	}
	b.await("all to be delivered", func() bool {
		r := report("")
		return r.Tags == 3 && !r.Samples.IsZero() && !r.Missing
	})
	if r := report(""); r.Incomplete || len(r.Sinks) != 1 || !strings.HasPrefix(r.Verdict, "db: everything that was read since ") {
		t.Errorf("%+v", r)
	}
	unit.Inject(plc.Fault{Kind: plc.Silence})
	offline := func(g gaps.Reading) bool { // on a busy computer there may be others before it
		return g.Reason == gaps.DeviceOffline && g.Device == "plc" && g.Goes && strings.Contains(g.Why, "no answer within")
	}
	b.await("the device to be offline", func() bool { return slices.ContainsFunc(report("").Reading, offline) })
	r1 := report("?match=temp&sink=db")
	if i := slices.IndexFunc(r1.Reading, offline); r1.Tags != 1 || i < 0 || r1.Reading[i].Count != 1 {
		t.Errorf("of one tag: %+v", r1)
	}
}
