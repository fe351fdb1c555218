package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestReadNow reads rows of a draft over the bridge's own connection, while it polls.
func TestReadNow(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve()
	r.plant(addr, "")
	r.editing()
	b := r.run()
	b.await("values", func() bool {
		_, body := b.ask("/api/v1/tags?quality=good")
		return strings.Count(body, `"tag"`) == 3
	})
	read := func(question string, as func(*http.Request)) (int, string) {
		return b.post("/api/v1/read", question, as)
	}
	const rows = `{"device":"plc","rows":[{"tag":"","address":"40001","type":"int16","scale":"0.1"},{"address":"holding:0"},` +
		`{"address":"40001","type":"flaot"},{"address":"49999"},{"address":"10001","poll":"1h"}]}`
	status, body := read(rows, anna)
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	got := decoded[[]readNowJSON](t, body)
	_, temp := b.ask("/api/v1/tags?match=temp")
	want := decoded[[]tagJSON](t, temp)[0]
	if len(got) != 5 || string(got[0].Value) != string(want.Value) || got[0].Raw != want.Raw || got[0].Quality != "Good" || got[1].Raw != want.Raw ||
		!strings.Contains(got[2].Error, "no such type") || got[2].Quality != "" || !strings.HasPrefix(got[3].Quality, "Bad") || got[4].Quality != "Good" {
		t.Errorf("%+v, the bridge reads %+v", got, want)
	}
	for question, c := range map[string]struct {
		as     func(*http.Request)
		status int
		text   string
	}{
		rows:                           {guard, 403, "may only look"},
		`{"device":"plk","rows":[{}]}`: {anna, 400, "did you mean plc?"},
		`{"device":"plc","rows":[]}`:   {anna, 400, "1 to 200"},
		`{"device":"plc","rows":[{"address":"40001","adress":"1"}]}`: {anna, 200, "did you mean address?"},
		`{"device":"plc","row":[]}`:                                  {anna, 400, "did you mean rows?"},
	} {
		if status, body := read(question, c.as); status != c.status || !strings.Contains(body, c.text) {
			t.Errorf("%s: %d %s", question, status, body)
		}
	}
}
