package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// TestProbe searches over the bridge's own connection, while it polls, for a number that a second reading makes certain.
func TestProbe(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	r.plant(addr, "")
	r.editing()
	// What none of the tags is: -1234.5 as float32 in order CDAB, beside what is refused.
	set := func(words ...uint16) {
		t.Helper()
		if err := unit.Set(mapping.Holding, 300, words...); err != nil {
			t.Fatal(err)
		}
	}
	set(0x5000, 0xC49A, 0, 0, 0x8001)
	unit.Inject(plc.Fault{Kind: plc.Exception, Code: 3, Function: 3, First: 303, Count: 1})
	b := r.run()
	b.await("values", func() bool {
		_, body := b.ask("/api/v1/tags?quality=good")
		return strings.Count(body, `"tag"`) == 3
	})
	probe := func(question string, as func(*http.Request)) (int, string) {
		return b.post("/api/v1/probe", question, as)
	}
	question := `{"device":"plc","ranges":["holding:300-304"],"readings":[%s{"shows":"-1234,5"}]}`
	status, body := probe(fmt.Sprintf(question, ""), anna)
	got := decoded[probedJSON](t, body)
	if status != 200 || len(got.Candidates) == 0 || got.Candidates[0].Row["address"] != "holding:300" || got.Candidates[0].Row["order"] != "CDAB" ||
		got.Sure != "likely" || len(got.Refused) != 1 || got.Refused[0].Range != "holding:303" || !strings.Contains(got.Refused[0].Why, "exception 3") ||
		got.Order != "CDAB" || got.Incomplete != "" {
		t.Fatalf("%d %s", status, body)
	}
	set(0x7000, 0xC49A) // -1235.5
	before, _ := json.Marshal(probeReadingJSON{Shows: "-1234,5", Dump: got.Dump})
	status, body = probe(strings.Replace(fmt.Sprintf(question, string(before)+","), `{"shows":"-1234,5"}]`, `{"shows":"-1235.5"}]`, 1), anna)
	got = decoded[probedJSON](t, body)
	if status != 200 || got.Sure != "certain" || len(got.Candidates) != 1 || got.Candidates[0].Value != "-1235.5" || !got.Candidates[0].Moved {
		t.Fatalf("%d %s", status, body)
	}
	status, body = probe(`{"device":"plc","ranges":["holding:300-304"]}`, anna)
	got = decoded[probedJSON](t, body)
	if status != 200 || got.Sure != "" || got.Order != "ABCD" || len(got.Looks) == 0 || !strings.Contains(got.OrderWhy, "of the map") {
		t.Errorf("without a number: %d %s", status, body)
	}
	for question, c := range map[string]struct {
		as     func(*http.Request)
		status int
		text   string
	}{
		`{"device":"plc"}`: {guard, 403, "may only look"},
		`{"device":"plk"}`: {anna, 400, "did you mean plc?"},
		`{"device":"plc","ranges":["holding:0-9999"]}`:                              {anna, 400, "5000 at most"},
		`{"device":"plc","ranges":["hold"]}`:                                        {anna, 400, "ranges"},
		`{"device":"plc","readings":[{"shows":"on"}]}`:                              {anna, 400, "is no number"},
		`{"device":"plc","readings":[{"shows":"1"},{"shows":"2"}]}`:                 {anna, 400, "only the last one"},
		`{"device":"plc","readings":[{"dump":"x"}]}`:                                {anna, 400, "line 1"},
		`{"device":"plc","order":"ACBD"}`:                                           {anna, 400, "ABCD"},
		`{"device":"plc","reading":[]}`:                                             {anna, 400, "did you mean readings?"},
		`{"device":"plc","ranges":["49999-49999"],"readings":[{"shows":"1"}]}`:      {anna, 200, "nothing fits"},
		`{"device":"plc","readings":[` + strings.Repeat(`{},`, 20) + `{}]}`:         {anna, 400, "20 at most"},
		`{"device":"plc","ranges":[` + strings.Repeat(`"40001",`, 50) + `"40001"]}`: {anna, 400, "50 at most"},
	} {
		if status, body := probe(question, c.as); status != c.status || !strings.Contains(body, c.text) {
			t.Errorf("%s: %d %s", question, status, body)
		}
	}
}
