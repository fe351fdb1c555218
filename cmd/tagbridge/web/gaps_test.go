package web

import (
	"encoding/json"
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
	b.await("the device to be offline", func() bool {
		list := report("").Reading
		return len(list) == 1 && list[0].Reason == gaps.DeviceOffline && list[0].Device == "plc" && list[0].Goes &&
			strings.Contains(list[0].Why, "no answer within")
	})
	if r := report("?match=temp&sink=db"); r.Tags != 1 || len(r.Reading) != 1 || r.Reading[0].Count != 1 {
		t.Errorf("of one tag: %+v", r)
	}
}
