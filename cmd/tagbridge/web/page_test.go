package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// aPage answers as a program with a page of one script does; headers are name, value, name, value.
func aPage(t *testing.T, files pageFiles, address string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	p := &pages{files: files, turns: newTurns(), log: discard()}
	r := httptest.NewRequest("GET", address, nil)
	r.Host = "localhost"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.handler().ServeHTTP(w, r)
	return w
}

func TestPageIsServed(t *testing.T) {
	files := newPageFiles(map[string][]byte{"index.html": zipped(t, "<!doctype html>"), "main-X.js": zipped(t, "script()")})
	for _, c := range []struct {
		address, accept, coding string
		kind, cache, body       string
	}{
		{"/", "text/html,*/*;q=0.8", "", "text/html", "no-cache", "<!doctype html>"},
		{"/", "text/html", "gzip, deflate, br", "text/html", "no-cache", "<!doctype html>"},
		{"/page/main-X.js", "*/*", "gzip", "text/javascript", "immutable", "script()"},
		{"/page/main-X.js", "*/*", "gzip;q=0, identity", "text/javascript", "immutable", "script()"},
		{"/page/main-X.js", "*/*", "", "text/javascript", "immutable", "script()"},
	} {
		w := aPage(t, files, c.address, "Accept", c.accept, "Accept-Encoding", c.coding)
		h := w.Header()
		if w.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), c.kind) || !strings.Contains(h.Get("Cache-Control"), c.cache) {
			t.Errorf("%+v: status %d, %v", c, w.Code, h)
		}
		packed := h.Get("Content-Encoding") == "gzip"
		if want := takesGzip(c.coding); packed != want {
			t.Errorf("%+v: gzip is %v, want %v", c, packed, want)
		}
		body := w.Body.String()
		if packed {
			r, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			body = string(plain)
		}
		if body != c.body {
			t.Errorf("%+v: the body is %q", c, body)
		}
		const want = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
		if h.Get("Content-Security-Policy") != want || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%+v: %v", c, h)
		}
		again := aPage(t, files, c.address, "Accept", c.accept, "If-None-Match", `"other", W/`+h.Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%+v: asked for again it answers %d with %d bytes", c, again.Code, again.Body.Len())
		}
	}
}

func TestPageOfAnotherProgram(t *testing.T) {
	files := newPageFiles(map[string][]byte{"index.html": zipped(t, "page")})
	for _, address := range []string{"/page/main-OLD.js", "/page/", "/page/index.html", "/page/..%2findex.html"} {
		if w := aPage(t, files, address); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", address, w.Code)
		}
	}
}

func TestAddressesAreStillPrinted(t *testing.T) {
	files := newPageFiles(map[string][]byte{"index.html": zipped(t, "page")})
	if body := aPage(t, files, "/", "Accept", "*/*").Body.String(); !strings.HasPrefix(body, "tagbridge\n") || !strings.Contains(body, "/api/v1/tags") {
		t.Errorf("curl gets %.100q", body)
	}
	body := aPage(t, nil, "/", "Accept", "text/html").Body.String()
	if !strings.Contains(body, "built without its page") || !strings.Contains(body, "make build") || !strings.Contains(body, "/api/v1/tags") {
		t.Errorf("without the page a browser gets %q", body)
	}
}

func TestTakesGzip(t *testing.T) {
	for _, c := range []struct {
		accepted string
		want     bool
	}{
		{"", false}, {"gzip", true}, {"GZIP", true}, {"br, gzip", true}, {"*", true}, {"identity", false},
		{"gzip;q=0", false}, {"gzip; q=0.0", false}, {"gzip;q=0.5", true}, {"gzip;q=x", false}, {"xgzip", false},
	} {
		if got := takesGzip(c.accepted); got != c.want {
			t.Errorf("takesGzip(%q) = %v", c.accepted, got)
		}
	}
}
