package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/events"
)

// refusing is a bridge whose database has refused a field, and what is said of it.
func refusing(t *testing.T) (r *rig, b *running, state func() sinkJSON) {
	r = answering(t, "")
	r.editing()
	r.influx.Refuse("door")
	b = r.run()
	state = func() sinkJSON { return decoded[[]sinkJSON](t, second(b.ask("/api/v1/sinks")))[0] }
	b.await("refused samples", func() bool { return state().Kept >= 3 })
	return r, b, state
}

// TestResend has a database refuse a field, and sends what it refused again from the page.
func TestResend(t *testing.T) {
	r, b, state := refusing(t)
	resend := func(question string, as func(*http.Request)) (int, string) {
		return b.post("/api/v1/resend", question, as)
	}
	for question, c := range map[string]struct {
		as     func(*http.Request)
		status int
		text   string
	}{
		`{"sink":"db"}`:                  {guard, 403, "may only look"},
		`{"sink":"DB"}`:                  {anna, 400, "did you mean db?"},
		`{"sink":"../../etc"}`:           {anna, 400, "there is no sink"},
		`{"sink":""}`:                    {anna, 400, "there is no sink"},
		`{"sink":"db","wait":46}`:        {anna, 400, "from 0 to 45"},
		`{"sink":"db","wait":-1}`:        {anna, 400, "from 0 to 45"},
		`{"sink":"db","wait":1e99}`:      {anna, 400, "not what is asked for"},
		`{"sink":"db","sink":"db"}`:      {anna, 400, "twice"},
		`{"sinks":"db"}`:                 {anna, 400, "did you mean sink?"},
		`{"sink":"db","wait":1} {"a":1}`: {anna, 400, "more than one"},
	} {
		if status, body := resend(question, c.as); status != c.status || !strings.Contains(body, c.text) {
			t.Errorf("%s: %d %s", question, status, body)
		}
	}
	if s := state(); s.Resending || s.Resent > 0 {
		t.Errorf("%+v after questions that are refused", s)
	}
	// Refused again: all of it stays, once.
	status, body := resend(`{"sink":"db","wait":45}`, anna)
	got := decoded[resentJSON](t, body)
	if status != 200 || got.Samples < 3 || !got.Done || got.Kept < got.Samples {
		t.Errorf("refused again: %d %s", status, body)
	}
	r.influx.Refuse()
	status, body = resend(`{"sink":"db","wait":45}`, anna)
	if got := decoded[resentJSON](t, body); status != 200 || got.Samples < 3 || !got.Done || got.Kept != 0 || got.Sink != "db" {
		t.Errorf("taken: %d %s", status, body)
	}
	if s := state(); s.Kept != 0 || s.Resending || s.Resent < 3 || s.Refused < s.Resent {
		t.Errorf("%+v", s)
	}
	if body := second(b.ask("/api/v1/rejected?sink=db")); strings.TrimSpace(body) != "[]" {
		t.Errorf("still kept aside: %s", body)
	}
	if status, body := resend(`{"sink":"db","wait":45}`, anna); status != 200 || !decoded[resentJSON](t, body).Done || decoded[resentJSON](t, body).Samples != 0 {
		t.Errorf("nothing is left: %d %s", status, body)
	}
	b.await("the events", func() bool {
		list := decoded[[]events.Event](t, second(b.ask("/api/v1/events")))
		return len(slices.DeleteFunc(list, func(e events.Event) bool {
			return e.Kind != events.Edit || e.By != "anna" || e.Sink != "db" || !strings.Contains(e.Text, "that the sink rejected are sent to it again")
		})) == 2
	})
}

// TestResendWaitsForASinkThatIsAway asks while nothing can be sent, twice, and reloads meanwhile.
func TestResendWaitsForASinkThatIsAway(t *testing.T) {
	r, b, state := refusing(t)
	r.influx.Freeze()
	status, body := b.post("/api/v1/resend", `{"sink":"db"}`, anna)
	if got := decoded[resentJSON](t, body); status != 200 || got.Done || got.Samples < 3 || got.Kept < 3 {
		t.Errorf("%d %s", status, body)
	}
	status, body = b.post("/api/v1/resend", `{"sink":"db"}`, anna)
	if got := decoded[resentJSON](t, body); status != 200 || got.Done || got.Samples != 0 {
		t.Errorf("asked already: %d %s", status, body)
	}
	if s := state(); !s.Resending {
		t.Errorf("%+v", s)
	}
	b.hup()
	r.influx.Refuse()
	r.influx.Thaw()
	b.await("the end", func() bool { s := state(); return !s.Resending && s.Kept == 0 })
}
