package web

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"tagbridge/testrig/plc"
)

// asked is one answer with its headers, as a browser gets it.
func (b *running) asked(path string, headers ...string) (*http.Response, []byte) {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.http+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, body
}

// TestOverviewIsAllOfIt: what the overview says is what the lists say.
func TestOverviewIsAllOfIt(t *testing.T) {
	b := answering(t, "").run()
	var o overviewJSON
	b.await("the device", func() bool {
		_, body := b.asked("/api/v1/overview")
		if err := json.Unmarshal(body, &o); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return o.Status.Well && len(o.Events) > 0 && o.Devices[0].Polls > 0
	})
	var devices []deviceJSON
	var lines []lineJSON
	var sinks []sinkJSON
	for path, into := range map[string]any{"devices": &devices, "lines": &lines, "sinks": &sinks} {
		if _, body := b.asked("/api/v1/" + path); json.Unmarshal(body, into) != nil {
			t.Fatalf("%s: %s", path, body)
		}
	}
	if len(o.Devices) != 1 || o.Devices[0].Device != devices[0].Device || o.Devices[0].Tags != devices[0].Tags || !reflect.DeepEqual(o.Devices[0].Since, devices[0].Since) {
		t.Errorf("devices %+v, want %+v", o.Devices, devices)
	}
	if len(o.Lines) != 1 || o.Lines[0].Line != lines[0].Line || o.Lines[0].Planned != lines[0].Planned {
		t.Errorf("lines %+v, want %+v", o.Lines, lines)
	}
	if len(o.Sinks) != 1 || o.Sinks[0].Sink != sinks[0].Sink {
		t.Errorf("sinks %+v, want %+v", o.Sinks, sinks)
	}
	if o.Problems == nil || len(o.Problems) > 0 {
		t.Errorf("problems %+v, want none", o.Problems)
	}
}

// TestOneAnswerForAll: within a second all have the same bytes, packed for whoever takes that, and who has them is told so.
func TestOneAnswerForAll(t *testing.T) {
	b := answering(t, "").run()
	b.await("two answers within a second", func() bool {
		first, plain := b.asked("/api/v1/overview")
		packed, zip := b.asked("/api/v1/overview", "Accept-Encoding", "gzip")
		etag := first.Header.Get("ETag")
		same, nothing := b.asked("/api/v1/overview", "If-None-Match", etag)
		if packed.Header.Get("ETag") != etag || same.Header.Get("ETag") != etag {
			return false // another second has begun
		}
		if same.StatusCode != http.StatusNotModified || len(nothing) > 0 {
			t.Errorf("known: %s, %d bytes", same.Status, len(nothing))
		}
		if len(plain) <= small {
			t.Fatalf("the overview is of %d bytes: the test says nothing", len(plain))
		}
		z, err := gzip.NewReader(strings.NewReader(string(zip)))
		if err != nil || packed.Header.Get("Content-Encoding") != "gzip" || first.Header.Get("Content-Encoding") != "" {
			t.Fatalf("%v; %v, %v", err, packed.Header, first.Header)
		}
		if text, err := io.ReadAll(z); err != nil || string(text) != string(plain) {
			t.Errorf("packed: %v, %s; want %s", err, text, plain)
		}
		return true
	})
}

// TestEveryAnswerSaysWhichVerdictHolds: a page that shows something else learns of it within a second.
func TestEveryAnswerSaysWhichVerdictHolds(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	r.plant(addr, "")
	b := r.run()
	verdict := func() (name, text string) {
		resp, body := b.asked("/api/v1/status")
		var said statusJSON
		if err := json.Unmarshal(body, &said); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return resp.Header.Get(verdictHeader), said.Verdict
	}
	var well string
	b.await("all to be well", func() bool {
		name, text := verdict()
		well = name
		return strings.HasPrefix(text, "All is well")
	})
	for _, path := range []string{"/api/v1/changes?rows=0-1", "/api/v1/tags", "/api/v1/nothing", "/api/v1/changes?rows=x", "/api/v1/maps/none", "/api/v1/overview"} {
		if resp, _ := b.asked(path); resp.Header.Get(verdictHeader) != well {
			t.Errorf("%s says %q, want %q", path, resp.Header.Get(verdictHeader), well)
		}
	}
	for _, path := range []string{"/healthz", "/", "/readyz"} {
		if resp, _ := b.asked(path); resp.Header.Get(verdictHeader) != "" {
			t.Errorf("%s says %q", path, resp.Header.Get(verdictHeader))
		}
	}
	unit.Inject(plc.Fault{Kind: plc.Silence})
	b.await("another verdict", func() bool {
		resp, _ := b.asked("/api/v1/changes?rows=0-1")
		return resp.Header.Get(verdictHeader) != well
	})
	if name, text := verdict(); name == well || !strings.HasPrefix(text, "NOT WELL") {
		t.Errorf("%s: %s", name, text)
	}
}
