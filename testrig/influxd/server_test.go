package influxd

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// post writes lines and returns the status, 0 when the connection was cut, and the body.
func post(t *testing.T, url, lines string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func start(t *testing.T, o Options) (*Server, string) {
	t.Helper()
	s := New(o)
	h := httptest.NewServer(s)
	t.Cleanup(func() { s.Thaw(); h.Close() })
	return s, h.URL
}

func TestWrite(t *testing.T) {
	s, url := start(t, Options{Token: "secret", Bucket: "process"})
	v2 := url + "/api/v2/write?org=plant&bucket=process&precision=ms"
	if status, _ := post(t, v2, "m f=1 1"); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	if status, _ := post(t, strings.Replace(v2, "=process", "=other", 1), "m f=1 1", "Authorization", "Token secret"); status != 404 {
		t.Errorf("another bucket: %d", status)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, "m f=1 1\nm f=2 2\n")
	w.Close()
	status, body := post(t, v2, z.String(), "Authorization", "Token secret", "Content-Encoding", "gzip")
	if status != 204 {
		t.Fatalf("gzip: %d %s", status, body)
	}
	p := s.Points()
	if len(p) != 2 || p[1].Time != 2e6 || p[1].Field("f") != 2.0 {
		t.Errorf("stored %+v", p)
	}
	if c := s.Count(); c.Writes != 3 || c.Points != 2 || c.Status[204] != 1 || c.Status[401] != 1 {
		t.Errorf("count %+v", c)
	}
}

func TestScript(t *testing.T) {
	s, url := start(t, Options{})
	url += "/write?db=plant"
	s.Script(Step{Status: 503, RetryAfter: "7", Message: "busy"}, Step{Cut: true, Store: true}, Step{Cut: true}, Step{Status: 204})
	if status, body := post(t, url, "m f=1 1"); status != 503 || !strings.Contains(body, "busy") {
		t.Errorf("step 1: %d %s", status, body)
	}
	for _, n := range []int{1, 1} { // the first of them is stored
		if status, _ := post(t, url, "m f=1 1"); status != 0 || len(s.Points()) != n {
			t.Errorf("cut: %d, %d points", status, len(s.Points()))
		}
	}
	if status, _ := post(t, url, "m f=2 2"); status != 204 || len(s.Points()) != 1 {
		t.Errorf("step 4 takes without storing: %d, %d points", status, len(s.Points()))
	}
	if status, _ := post(t, url, "m f=2 2"); status != 204 || len(s.Points()) != 2 {
		t.Errorf("after the script: %d, %d points", status, len(s.Points()))
	}
}

func TestPartialWrite(t *testing.T) {
	s, url := start(t, Options{})
	url += "/write?db=plant"
	post(t, url, "m f=1,g=1 1")
	status, body := post(t, url, "m f=2i 2\nm f=3 3\nn f=1i 3")
	if status != 400 || !strings.Contains(body, "dropped=1") || len(s.Points()) != 3 {
		t.Errorf("type conflict: %d %s, %d points", status, body, len(s.Points()))
	}
	status, body = post(t, url, "m f=4 4\nnonsense\nm f=5 5")
	if status != 400 || !strings.Contains(body, "unable to parse") || len(s.Points()) != 5 {
		t.Errorf("bad line: %d %s, %d points", status, body, len(s.Points()))
	}
	s.Refuse("g")
	status, body = post(t, url, "m f=6 6\nm g=6 6")
	if status != 400 || !strings.Contains(body, "partial write") || len(s.Points()) != 6 {
		t.Errorf("refused field: %d %s, %d points", status, body, len(s.Points()))
	}
	if c := s.Count(); c.Conflicts != 2 || c.Malformed != 1 || c.Example == "" {
		t.Errorf("count %+v", c)
	}
}

func TestMaxBody(t *testing.T) {
	s, url := start(t, Options{MaxBody: 20})
	if status, _ := post(t, url+"/write", "m f=1 1\nm f=2 2\nm f=3 3"); status != 413 || len(s.Points()) != 0 {
		t.Errorf("too large: %d, %d points", status, len(s.Points()))
	}
}

func TestCounts(t *testing.T) {
	s, url := start(t, Options{Keep: KeepTimes})
	post(t, url+"/write", "m,d=a f=1 1\nm,d=a f=3 3\nm,d=b f=0 1")
	post(t, url+"/write", "m,d=a f=3 3\nm,d=a f=2 2\nm,d=a f=9 1\nm,d=a g=1 1")
	c := s.Count()
	if c.Repeated != 1 || c.Changed != 1 || c.Disorder != 1 || c.Points != 7 {
		t.Errorf("count %+v", c)
	}
}

func TestFreeze(t *testing.T) {
	s, url := start(t, Options{})
	s.Freeze()
	done := make(chan int)
	go func() {
		status, _ := post(t, url+"/write", "m f=1 1")
		done <- status
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Wait(ctx, func(p []Point) bool { return len(p) > 0 }); err == nil {
		t.Error("a frozen server stored a point")
	}
	s.Thaw()
	if status := <-done; status != 204 {
		t.Errorf("after the thaw: %d", status)
	}
}
