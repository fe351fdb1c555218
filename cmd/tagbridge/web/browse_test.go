package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"tagbridge/testrig/opcua"
)

// press is a rig whose device press is an OPC UA server with nodes; more is written beside the device's keys.
func press(t *testing.T, o opcua.Options, more string) *rig {
	t.Helper()
	o.Core, o.Still = true, true
	server, err := opcua.Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	r := answering(t, fmt.Sprintf("  - {name: press, driver: opcua, url: %q, poll: 200ms, timeout: 5s, %s}\n", server.URL(), more))
	r.editing()
	return r
}

// TestBrowse expands a server level by level, over the session that polls it.
func TestBrowse(t *testing.T) {
	nodes := map[string]any{"ns=1;s=<img onerror=alert(1)>": int32(5), "ns=1;s=\u202eevil\x1b[2J": "text\u202e", "ns=1;s=Curve": []float32{1, 2, 3}}
	for i := range 105 {
		nodes[fmt.Sprintf("ns=1;s=Speed%03d", i)] = float64(i)
	}
	r := press(t, opcua.Options{Nodes: nodes}, `tags: [{tag: speed, address: "ns=1;s=Speed001"}]`)
	b := r.run()
	b.await("the device", func() bool { return strings.Contains(second(b.ask("/api/v1/tags?quality=good")), `"press"`) })
	browse := func(question string) (browsedJSON, int, string) {
		t.Helper()
		status, body := b.post("/api/v1/browse", question, anna)
		if status != http.StatusOK {
			return browsedJSON{}, status, body
		}
		return decoded[browsedJSON](t, body), status, body
	}
	top, status, body := browse(`{"device":"press"}`)
	if status != 200 || len(top.Nodes) == 0 || top.Root != "i=85" || top.Next != nil {
		t.Fatalf("%d %s", status, body)
	}
	all := map[string]browsedNodeJSON{}
	expand := func(root string, path ...string) {
		t.Helper()
		first := 0
		for {
			level, status, body := browse(asJSONText(t, map[string]any{"device": "press", "root": root, "path": path, "first": first}))
			if status != 200 {
				t.Fatalf("%s: %d %s", root, status, body)
			}
			for _, n := range level.Nodes {
				if _, twice := all[n.Address]; twice {
					t.Errorf("%s is there twice", n.Address)
				}
				all[n.Address] = n
			}
			if level.Next == nil {
				return
			}
			first = *level.Next
		}
	}
	for _, n := range top.Nodes {
		expand(n.Address, n.Name)
	}
	speed := all["nsu=urn:tagbridge:testrig;s=Speed007"]
	for address, n := range all {
		if strings.HasSuffix(address, "s=Speed007") {
			speed = n
		}
	}
	if len(all) < 105 || speed.Class != "variable" || speed.Type != "Double" || speed.Value != "7" || speed.Quality != "Good" || speed.Array != nil || len(speed.Rows) != 1 ||
		!strings.HasPrefix(speed.Address, "nsu=") || speed.Rows[0].Address != speed.Address || speed.Rows[0].Type != "float64" || !strings.HasSuffix(speed.Rows[0].Tag, "/Speed007") {
		t.Errorf("%d nodes, among them %+v", len(all), speed)
	}
	for address, n := range all {
		switch {
		case strings.Contains(address, "Curve") && (n.Array == nil || *n.Array != 3 || len(n.Rows) != 3):
			t.Errorf("%+v", n)
		case strings.Contains(address, "evil") && (len(n.Rows) != 0 || !strings.Contains(n.Why, "no map can name this node")):
			t.Errorf("%+v", n)
		case strings.Contains(address, "<img") && len(n.Rows) != 1:
			t.Errorf("%+v", n)
		}
	}
	// What the bridge reads goes on over the same session.
	if d := second(b.ask("/api/v1/devices")); strings.Contains(d, `"online":false`) {
		t.Errorf("%s", d)
	}
	// A row is one that can be read.
	row := map[string]string{"address": speed.Rows[0].Address, "type": speed.Rows[0].Type}
	if status, body := b.post("/api/v1/read", asJSONText(t, map[string]any{"device": "press", "rows": []any{row}}), anna); status != 200 || !strings.Contains(body, `"value":7`) {
		t.Errorf("%d %s", status, body)
	}
	for question, c := range map[string]struct {
		as     func(*http.Request)
		status int
		text   string
	}{
		`{"device":"press"}`:                                               {guard, 403, "may only look"},
		`{"device":"pres"}`:                                                {anna, 400, "did you mean press?"},
		`{"device":"plc"}`:                                                 {anna, 400, "does not tell what can be read of it"},
		`{"device":"press","root":"ns=1;x=1"}`:                             {anna, 400, "root"},
		`{"device":"press","root":"nsu=http://nowhere;s=a"}`:               {anna, 502, "http://nowhere"},
		`{"device":"press","root":"i=999999"}`:                             {anna, 502, "no node i=999999"},
		`{"device":"press","first":-1}`:                                    {anna, 400, "from 0 to"},
		`{"device":"press","first":100001}`:                                {anna, 400, "from 0 to"},
		`{"device":"press","path":["` + strings.Repeat(`a","`, 40) + `"]}`: {anna, 400, "at most 32 names"},
		`{"device":"press","root":"` + strings.Repeat("a", 5000) + `"}`:    {anna, 400, "at most 4096 bytes"},
	} {
		if status, body := b.post("/api/v1/browse", question, c.as); status != c.status || !strings.Contains(body, c.text) {
			t.Errorf("%.60s: %d %s", question, status, body)
		}
	}
}

// TestBrowseOneAtATime has many people browse at once: each gets an answer, or is told to ask again.
func TestBrowseOneAtATime(t *testing.T) {
	r := press(t, opcua.Options{Nodes: map[string]any{"ns=1;s=A": 1.5}}, `tags: [{tag: a, address: "ns=1;s=A"}]`)
	b := r.run()
	b.await("the device", func() bool { return strings.Contains(second(b.ask("/api/v1/tags?quality=good")), `"press"`) })
	var all sync.WaitGroup
	answers := make([]int, 12)
	for i := range answers {
		all.Go(func() { answers[i], _ = b.post("/api/v1/browse", `{"device":"press"}`, anna) })
	}
	all.Wait()
	if !slices.Contains(answers, 200) || slices.ContainsFunc(answers, func(s int) bool { return s != 200 && s != 503 }) {
		t.Errorf("answers %v", answers)
	}
}

// TestBrowseWithoutTags begins a map with what the server has.
func TestBrowseWithoutTags(t *testing.T) {
	r := press(t, opcua.Options{Nodes: map[string]any{"ns=1;s=A": 1.5}}, `tags: [{tag: a, address: "ns=1;s=A", enabled: false}]`)
	b := r.run()
	status, body := b.post("/api/v1/browse", `{"device":"press"}`, anna)
	if status != 200 || len(decoded[browsedJSON](t, body).Nodes) == 0 {
		t.Errorf("%d %s", status, body)
	}
}
