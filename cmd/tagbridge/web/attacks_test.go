package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/edit"
)

// raw sends what no client would, as it is, and returns what is answered first; status 0: nothing.
func (b *running) raw(text string) (status int, body string) {
	b.t.Helper()
	c := b.dial("")
	c.SetDeadline(time.Now().Add(patienceOfTests))
	go io.WriteString(c, text)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	all, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, string(all)
}

// TestOddRequests sends requests in ways that proxies, scanners and old programs do.
func TestOddRequests(t *testing.T) {
	b := answering(t, "").run()
	const host = "Host: localhost\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
		text    string
	}{
		"HTTP/1.0 without a host":       {"GET /healthz HTTP/1.0\r\n\r\n", 200, "ok"},
		"an absolute address elsewhere": {"GET http://evil.example/api/v1/tags HTTP/1.1\r\n" + host + "\r\n", 403, "only localhost"},
		"another host behind a proxy":   {"GET /api/v1/tags HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n\r\n", 403, "only localhost"},
		"two hosts":                     {"GET /healthz HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n", 400, ""},
		"HTTP/2 at once":                {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, ""},
		"a proxy's":                     {"CONNECT 10.0.0.1:502 HTTP/1.1\r\n" + host + "\r\n", 403, "only localhost"},
		"long headers":                  {"GET /healthz HTTP/1.1\r\n" + host + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", 431, ""},
		"a long address":                {"GET /api/v1/tags?match=" + strings.Repeat("*", 1<<20) + " HTTP/1.1\r\n" + host + "\r\n", 431, ""},
		"10,000 tags":                   {"GET /api/v1/changes?" + strings.Repeat("tag=plc/temp&", 10_000) + " HTTP/1.1\r\n" + host + "\r\n", 431, ""},
		"many tags":                     {"GET /api/v1/changes?" + strings.Repeat("tag=plc/temp&", 300) + " HTTP/1.1\r\n" + host + "\r\n", 400, "at most 200"},
		"both lengths":                  {"POST /api/v1/draft HTTP/1.1\r\n" + host + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n0\r\n\r\n", 400, ""},
		"two lengths":                   {"POST /api/v1/draft HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, ""},
		"no length that could be":       {"POST /api/v1/draft HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n" + strings.Repeat(" ", maxBody+1), 413, "8 MiB"},
		"another method of a list":      {"PUT /api/v1/tags HTTP/1.1\r\n" + host + "\r\n", 405, "is asked with GET"},
		"another method of a map":       {"PUT /api/v1/maps/tags.csv HTTP/1.1\r\n" + host + "\r\n", 405, "is asked with GET"},
		"a map is deleted":              {"DELETE /api/v1/maps/tags.csv HTTP/1.1\r\n" + host + "\r\n", 405, "is asked with GET"},
		"WebDAV":                        {"PROPFIND /api/v1/maps HTTP/1.1\r\n" + host + "\r\n", 405, "is asked with GET"},
		"a folder of WebDAV":            {"MKCOL /api/v1/maps/x HTTP/1.1\r\n" + host + "\r\n", 405, "is asked with GET"},
		"a trace":                       {"TRACE /api/v1/tags HTTP/1.1\r\n" + host + "Authorization: hush\r\n\r\n", 405, "is asked with GET"},
		"a method in a header":          {"GET /api/v1/apply HTTP/1.1\r\n" + host + "X-HTTP-Method-Override: POST\r\nX-Method-Override: POST\r\n\r\n", 405, "is asked with POST"},
		"a method in a parameter":       {"GET /api/v1/tags?_method=POST HTTP/1.1\r\n" + host + "\r\n", 400, "unknown parameter"},
		"all options":                   {"OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 200, ""},
		"above the root":                {"GET /../../etc/passwd HTTP/1.1\r\n" + host + "\r\n", 307, ""},
		"a space in the line":           {"GET /api/v1/tags HTTP/1.1 x\r\n" + host + "\r\n", 400, ""},
		"no HTTP":                       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, ""},
		"a NUL":                         {"GET /api/v1/tags?match=%00 HTTP/1.1\r\n" + host + "\r\n", 200, ""},
		"a time that is none":           {"GET /api/v1/events?since=NaN HTTP/1.1\r\n" + host + "\r\n", 400, "since"},
		"the last but none":             {"GET /api/v1/events?last=-1 HTTP/1.1\r\n" + host + "\r\n", 400, "last"},
		"all rows there can be":         {"GET /api/v1/tags?rows=0-99999999999999999999 HTTP/1.1\r\n" + host + "\r\n", 400, "rows"},
		"rows backwards":                {"GET /api/v1/tags?rows=9-1 HTTP/1.1\r\n" + host + "\r\n", 400, "rows"},
	} {
		if status, body := b.raw(c.request); status != c.status || !strings.Contains(body, c.text) || strings.Contains(body, "hush") {
			t.Errorf("%s: %d %.300s, want %d and %s", name, status, body, c.status, c.text)
		}
	}
	if status, body := b.get("/api/v1/tags"); status != 200 {
		t.Errorf("afterwards: %d %s", status, body)
	}
	if strings.Contains(b.log.String(), "panic") {
		t.Error("something panicked")
	}
}

// TestUnfoldedIsNothing sends a small body that would unfold to a large one.
func TestUnfoldedIsNothing(t *testing.T) {
	b := answering(t, "").run()
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	io.WriteString(w, `{"files":{"tags.csv":"`)
	for range 64 {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	status, body := b.post("/api/v1/draft", small.String(), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })
	if status != 415 || !strings.Contains(body, "Content-Encoding") {
		t.Errorf("%d %s", status, body)
	}
}

// TestAnnouncedAndNeverSent has many announce bodies that do not come, while somebody works.
func TestAnnouncedAndNeverSent(t *testing.T) {
	r := answering(t, "")
	r.editing()
	b := r.run()
	for _, a := range actions {
		for range 30 {
			b.dial("POST " + a.path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YW5uYTpvcGVuIHNlc2FtZQ==\r\n" +
				"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		}
	}
	for i := range 5 {
		text := threeTags + fmt.Sprintf("x%d,40100,,,\n", i)
		if status, body := b.post("/api/v1/apply", asJSONText(t, changeOf(map[string]string{"tags.csv": text}, b.etags(), "")), anna); status != 200 {
			t.Errorf("%d %s", status, body)
		}
	}
}

// TestOtherSitesChangeNothing has a page of another site use the login of somebody who has the bridge's page open, on each
// action.
func TestOtherSitesChangeNothing(t *testing.T) {
	r := answering(t, "")
	r.editing()
	b := r.run()
	for name, headers := range map[string]map[string]string{
		"no origin to name": {"Origin": "null"}, "another site": {"Origin": "http://evil.example"}, "another port": {"Origin": "http://127.0.0.1:1"},
		"a sandbox": {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, "a neighbour": {"Sec-Fetch-Site": "same-site"},
		"a name like ours": {"Origin": b.http + ".evil.example"}, "an origin that is none": {"Origin": "%%%"},
	} {
		for _, a := range actions {
			if a.method == http.MethodGet {
				continue
			}
			status, body := b.post(a.path, `{}`, anna, func(r *http.Request) {
				for k, v := range headers {
					r.Header[k] = []string{v}
				}
			})
			if status != 403 || !strings.Contains(body, "another site") {
				t.Errorf("%s: %s: %d %s", name, a.path, status, body)
			}
			// And as a form could send it, which needs no permission of ours.
			for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json2"} {
				if status, body := b.post(a.path, `{}`, anna, func(r *http.Request) { r.Header.Set("Content-Type", kind) }); status != 415 {
					t.Errorf("%s as %q: %d %s", a.path, kind, status, body)
				}
			}
		}
	}
}

// TestCommentsStayOneLine has a comment that would be many lines of the log, and more than anybody reads.
func TestCommentsStayOneLine(t *testing.T) {
	r := answering(t, "")
	r.editing()
	b := r.run()
	var rows strings.Builder
	rows.WriteString(threeTags)
	for i := range 5000 {
		fmt.Fprintf(&rows, "row%d,%d,,,\n", i, 40100+i)
	}
	comment := "ok\n2026-03-01T02:00:00Z level=ERROR msg=forged\r\x1b[31m\x00\u2028\u202egnitide\u2066" + strings.Repeat("x", 1<<20)
	status, body := b.post("/api/v1/apply", asJSONText(t, changeOf(map[string]string{"tags.csv": rows.String()}, b.etags(), comment)), anna)
	if done := decoded[edit.Applied](t, body); status != 200 || len(done.Changes) != 2000 || done.More != 3000 {
		t.Fatalf("%d %.300s", status, body)
	}
	kept := decoded[[]edit.Kept](t, second(b.ask("/api/v1/applied")))[0]
	if len(kept.Comment) > 2000 || strings.ContainsAny(kept.Comment, "\n\r\x1b\x00\u2028\u202e\u2066") || !strings.HasPrefix(kept.Comment, "ok 2026") {
		t.Errorf("kept is %.200q", kept.Comment)
	}
	for _, line := range strings.Split(b.log.String(), "\n") {
		if line != "" && !strings.HasPrefix(line, "time=") || strings.Contains(line, "\u202e") || len(line) > 20_000 {
			t.Errorf("the log has a line %.200q", line)
		}
	}
}

// TestFilesGoMeanwhile has maps be deleted, grow, and turn into other things between a look and a change.
func TestFilesGoMeanwhile(t *testing.T) {
	r := answering(t, "")
	const other = "tag,address\nother,40200\n"
	r.write("other.csv", other)
	r.edit("plant.yaml", "tags: [tags.csv]", "tags: [tags.csv, other.csv]")
	r.editing()
	b := r.run()
	path := filepath.Join(r.dir, "other.csv")
	for name, c := range map[string]struct {
		meanwhile func() error
		status    int
	}{
		"deleted":                  {func() error { return os.Remove(path) }, 403},
		"a folder":                 {func() error { os.Remove(path); return os.Mkdir(path, 0o700) }, 403},
		"large":                    {func() error { return os.WriteFile(path, bytes.Repeat([]byte("#x\n"), 10<<20/3), 0o600) }, 403},
		"a link to what is secret": {func() error { os.Remove(path); return os.Symlink(filepath.Join(r.dir, "plant.yaml"), path) }, 403},
		"a link in a circle":       {func() error { os.Remove(path); return os.Symlink("other.csv", path) }, 403},
		"touched by hand":          {func() error { return os.WriteFile(path, []byte(other+"# by hand\n"), 0o600) }, 409},
	} {
		os.RemoveAll(path)
		r.write("other.csv", other)
		change := asJSONText(t, changeOf(map[string]string{"other.csv": "tag,address\nother,40201\n", "tags.csv": threeTags + "#\n"}, b.etags(), ""))
		if err := c.meanwhile(); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		status, body := b.post("/api/v1/apply", change, anna)
		after, _ := os.ReadFile(path)
		if status != c.status || !bytes.Equal(before, after) || r.read("tags.csv") != threeTags {
			t.Errorf("%s: %d %.300s", name, status, body)
		}
		if left := r.leftovers(); len(left) > 0 {
			t.Errorf("%s: left over: %v", name, left)
		}
	}
}
