package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig/plc"
)

// pastJSON is the answer of /api/v1/history as a page reads it.
type pastJSON struct {
	Tag, Unit    string
	Since, Until time.Time
	Step         float64              `json:"step_seconds"`
	Points       [][5]json.RawMessage // time, least, mean, greatest, quality
	Gaps         []struct {
		Since, Until *time.Time
		Reason       string
	}
}

// TestHistoryOverHTTP asks a bridge that runs for what it has read.
func TestHistoryOverHTTP(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	r.plant(addr, "")
	b := r.run()
	ask := func(query string) (l pastJSON) {
		t.Helper()
		status, body := b.get("/api/v1/history?tag=plc/temp" + query)
		if err := json.Unmarshal([]byte(body), &l); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d, %v: %s", query, status, err, body)
		}
		return l
	}
	b.await("20 samples", func() bool { return len(ask("").Points) >= 20 })
	l := ask("")
	last := l.Points[len(l.Points)-1]
	if at, err := time.Parse(time.RFC3339Nano, strings.Trim(string(last[0]), `"`)); err != nil || time.Since(at) > patienceOfTests {
		t.Errorf("the last is of %s", last[0])
	}
	if l.Tag != "plc/temp" || l.Unit != "°C" || l.Step != 0 || string(last[4]) != `"Good"` || string(last[1]) != string(last[3]) || l.Until.Before(l.Since) {
		t.Errorf("%+v", l)
	}
	if l = ask("&points=3"); len(l.Points) == 0 || len(l.Points) > 3 || l.Step <= 0 {
		t.Errorf("3 points: %+v", l)
	}
	if l = ask("&since=-1h&until=-30m"); len(l.Points) > 0 || len(l.Gaps) > 0 {
		t.Errorf("of before the bridge began: %+v", l)
	}
	unit.Inject(plc.Fault{Kind: plc.Silence})
	b.await("the silence", func() bool {
		gaps := ask("").Gaps
		return len(gaps) > 0 && gaps[len(gaps)-1].Reason == "device offline"
	})
	_, body := b.get("/api/v1/history?tag=plc/door&tag=plc/temp&points=5")
	var list []pastJSON
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 2 || list[0].Tag != "plc/door" || list[1].Tag != "plc/temp" {
		t.Errorf("two tags: %v, %s", err, body)
	}
	for query, text := range map[string]string{
		"tag=plc/temq":              `there is no tag \"plc/temq\": did you mean plc/temp?`,
		"tag=plc/temp&tag=plc/temp": "named twice", "tag=nobody/temp": "there is no tag", "": "tag: name one",
		"tag=plc/*": "there is no tag", "tag=!plc/temp": "there is no tag",
		"tag=" + strings.Repeat("plc/temp&tag=", 20) + "x": "at most 16 tags",
	} {
		if status, body := b.get("/api/v1/history?" + query); status != http.StatusBadRequest || !strings.Contains(body, text) {
			t.Errorf("%s: %d, %s; want %s", query, status, body, text)
		}
	}
}

// TestHistoryOfARemovedTag has one that no map has any more.
func TestHistoryOfARemovedTag(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	points := func(tag string) int {
		status, body := b.get(fmt.Sprintf("/api/v1/history?tag=plc/%s", tag))
		var l pastJSON
		if err := json.Unmarshal([]byte(body), &l); err != nil || status != http.StatusOK {
			return -1
		}
		return len(l.Points)
	}
	b.await("a sample", func() bool { return points("door") > 0 })
	r.edit("tags.csv", "door,10001,,,\n", "")
	b.hup()
	b.await("the tag to be out of service", func() bool {
		_, body := b.get("/api/v1/history?tag=plc/door")
		return strings.Contains(body, "BadOutOfService")
	})
}
