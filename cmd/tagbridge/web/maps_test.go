package web

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/edit"
)

// post sends body as JSON and returns what is answered.
func (b *running) post(path, body string, prepare ...func(*http.Request)) (status int, answer string) {
	b.t.Helper()
	r, err := http.NewRequest("POST", b.http+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, f := range prepare {
		f(r)
	}
	return b.do(r)
}

func (b *running) do(r *http.Request) (status int, answer string) {
	b.t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// decoded is text as JSON.
func decoded[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// asJSONText is v in JSON.
func asJSONText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func draftOf(files map[string]string) map[string]any { return map[string]any{"files": files} }

func TestMapsAndTheirTexts(t *testing.T) {
	r := answering(t, "")
	const latin = "tag;address;unit\r\n# K\xfchlung\r\nwarm;40001;\xb0C\r\n"
	r.write("sub.csv", latin)
	r.edit("plant.yaml", "tags: [tags.csv]", "tags: [tags.csv, sub.csv, {tag: here, address: 40100}]")
	b := r.run()
	_, body := b.get("/api/v1/maps")
	list := decoded[[]edit.Map](t, body)
	if len(list) != 3 {
		t.Fatalf("%+v", list)
	}
	for i, want := range []edit.Map{
		{Name: "tags.csv", Rows: 3, Tags: 3, Format: "csv", Encoding: "utf-8", Writable: true},
		{Name: "sub.csv", Rows: 1, Tags: 1, Format: "csv", Encoding: "windows-1252", Writable: true},
		{Name: "plant.yaml#plc", Rows: 1, Tags: 1, Format: "in place"},
	} {
		for _, m := range list {
			if m.Name != want.Name {
				continue
			}
			if i < 2 && len(m.ETag) != 34 || strings.Join(m.Devices, "") != "plc" || (m.Why == "") != m.Writable {
				t.Errorf("%+v", m)
			}
			m.ETag, m.Bytes, m.Devices, m.Why = "", 0, nil, ""
			if asJSONText(t, m) != asJSONText(t, want) {
				t.Errorf("got %+v, want %+v", m, want)
			}
			want.Name = ""
		}
		if want.Name != "" {
			t.Errorf("%s is not listed", want.Name)
		}
	}
	res, err := http.Get(b.http + "/api/v1/maps/sub.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if string(text) != "tag;address;unit\r\n# Kühlung\r\nwarm;40001;°C\r\n" || res.Header.Get("ETag") != edit.ETag([]byte(latin)) ||
		res.Header.Get("Content-Type") != "text/plain; charset=utf-8" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q, %v", text, res.Header)
	}
}

// TestNoOtherFileIsServed asks for files that are no maps in every way that one could think of.
func TestNoOtherFileIsServed(t *testing.T) {
	r := answering(t, "")
	const secret = "hush-hush-hush"
	r.write("key.pem", secret)
	r.users("open sesame")
	dir := filepath.Base(r.dir)
	if err := os.Symlink(filepath.Join(r.dir, "plant.yaml"), filepath.Join(r.dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(r.dir, "users"), filepath.Join(r.dir, "hard.csv")); err != nil {
		t.Fatal(err)
	}
	r.edit("plant.yaml", `http: "127.0.0.1:0"`, `http: {listen: "127.0.0.1:0", users: users}`)
	r.edit("plant.yaml", "org: o", `org: o, token: "${file:key.pem}"`)
	b := r.run()
	as := func(r *http.Request) { r.SetBasicAuth("guard", "open sesame") }
	get := func(path string) (int, string) {
		req, err := http.NewRequest("GET", b.http+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		as(req)
		return b.do(req)
	}
	for _, path := range []string{
		"plant.yaml", "users", "key.pem", "link.csv", "../" + dir + "/tags.csv", "..%2F" + dir + "%2Ftags.csv", "%2E%2E/tags.csv", ".%2Ftags.csv",
		"%2Fetc%2Fpasswd", "/etc/passwd", "tags.csv%00", "tags.csv%2F", "TAGS.csv", "", "data%2Fevents", strings.ReplaceAll(filepath.Join(r.dir, "tags.csv"), "/", "%2F"),
	} {
		status, body := get("/api/v1/maps/" + path)
		if status < 300 && !strings.HasPrefix(body, "[") || strings.Contains(body, secret) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := get("/api/v1/maps/tagz.csv"); status != http.StatusNotFound || !strings.Contains(body, "did you mean tags.csv?") {
		t.Errorf("%d %s", status, body)
	}
	// Named as maps, they are listed, and not shown.
	for _, name := range []string{"link.csv", "hard.csv", "key.pem"} {
		r.edit("plant.yaml", "tags: [tags.csv", "tags: [tags.csv, "+name)
		if status, body := get("/api/v1/maps/" + name); status != http.StatusForbidden || !strings.Contains(body, "holds secrets") {
			t.Errorf("%s: %d %s", name, status, body)
		}
		for _, m := range decoded[[]edit.Map](t, second(get("/api/v1/maps"))) {
			if m.Name == name && (m.Writable || !strings.Contains(m.Why, "holds secrets")) {
				t.Errorf("%+v", m)
			}
		}
		r.edit("plant.yaml", "tags: [tags.csv, "+name, "tags: [tags.csv")
	}
}

func second(_ int, s string) string { return s }

func TestDraftSaysWhatIsWrongAndWhatChanges(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	draft := func(text string) edit.Finding {
		t.Helper()
		status, body := b.post("/api/v1/draft", asJSONText(t, draftOf(map[string]string{"tags.csv": text})))
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		return decoded[edit.Finding](t, body)
	}
	if f := draft(threeTags); len(f.Problems)+len(f.Diff)+len(f.Plan)+len(f.Devices) != 0 {
		t.Errorf("what is on disk changes: %+v", f)
	}
	f := draft(strings.Replace(threeTags, "int16,0.1", "int16,0,1", 1))
	if len(f.Problems) == 0 || f.Problems[0].File != "tags.csv" || f.Problems[0].Line != 2 || f.Problems[0].Severity != "problem" {
		t.Errorf("%+v", f)
	}
	f = draft(strings.Replace(threeTags, "float32", "flaot32", 1))
	want := edit.Problem{File: "tags.csv", Line: 3, Column: 13, Header: "type", Severity: "problem"}
	if len(f.Problems) == 1 {
		want.Message = f.Problems[0].Message
	}
	if len(f.Problems) != 1 || f.Problems[0] != want || !strings.Contains(want.Message, "did you mean float32?") || len(f.Diff) > 0 {
		t.Errorf("%+v", f)
	}
	f = draft(strings.Replace(threeTags, "0.1", "0.01", 1) + "far,45000,,,\n")
	if strings.Join(f.Diff, "\n") != "tag plc/far: added, holding:4999 uint16\ntag plc/temp: scale 0.1 is now 0.01" && len(f.Diff) != 2 {
		t.Errorf("%q", f.Diff)
	}
	if len(f.Devices) != 1 || strings.Join(f.Devices[0].Added, "") != "far" || strings.Join(f.Devices[0].Changed, "") != "temp" {
		t.Errorf("%+v", f.Devices)
	}
	if len(f.Plan) != 1 || len(f.Plan[0].After.Requests) != len(f.Plan[0].Before.Requests)+1 {
		t.Errorf("%+v", f.Plan)
	}
	if f = draft(""); len(f.Problems) == 0 {
		t.Error("an empty map is no problem")
	}
	if text, _ := os.ReadFile(filepath.Join(r.dir, "tags.csv")); string(text) != threeTags {
		t.Errorf("a draft has changed the file: %s", text)
	}
	if s := b.bridge.Reloads(); s.Applied+s.Refused > 0 {
		t.Errorf("a draft has reloaded: %+v", s)
	}
}

// TestRequestsAreStrict sends what no page of ours would.
func TestRequestsAreStrict(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		``:                        {400, "not JSON"},
		`[]`:                      {400, "not a list"},
		`1`:                       {400, "JSON object"},
		`{"files":{}`:             {400, "not JSON"},
		`{"files":{}} {}`:         {400, "more than one"},
		`{"filez":{}}`:            {400, "did you mean files?"},
		`{"Files":{}}`:            {400, "did you mean files?"},
		`{"files":{},"files":{}}`: {400, `key \"files\" is there twice`},
		`{"files":{"tags.csv":"","tags.csv":"x"}}`:                                         {400, `key \"tags.csv\" is there twice`},
		`{"files":{"tags.csv":7}}`:                                                         {400, "not what is asked for"},
		`{"files":{"nowhere.csv":""}}`:                                                     {404, `names no map`},
		`{"files":{"../x":""}}`:                                                            {404, `names no map`},
		`{"files":{"plant.yaml":""}}`:                                                      {404, `names no map`},
		`{"files":{},"encodings":{"tags.csv":"latin"}}`:                                    {400, "there are"},
		`{"files":` + strings.Repeat(`{"a":`, 100):                                         {400, "too often"},
		`{"files":{"tags.csv":"` + strings.Repeat("x", maxBody) + `"}}`:                    {413, "8 MiB"},
		`{"files":{"tags.csv":"tag,address\nkÿ` + "\\u4e2d" + `,40001\n"},"page":"first"}`: {200, "problems"},
	} {
		status, answer := b.post("/api/v1/draft", body)
		if status != want.status || !strings.Contains(answer, want.text) {
			t.Errorf("%.60q: %d %.300s", body, status, answer)
		}
	}
	if status, answer := b.post("/api/v1/draft", `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }); status != 415 {
		t.Errorf("plain text: %d %s", status, answer)
	}
	if status, answer := b.post("/api/v1/draft", `{}`, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }); status != 403 || !strings.Contains(answer, "another site") {
		t.Errorf("cross-site: %d %s", status, answer)
	}
	if status, answer := b.post("/api/v1/draft", `{}`, func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }); status != 403 {
		t.Errorf("cross-origin: %d %s", status, answer)
	}
	if status, answer := b.post("/api/v1/draft", `{}`, func(r *http.Request) { r.Host = "evil.example" }); status != 403 || !strings.Contains(answer, "only localhost") {
		t.Errorf("rebound: %d %s", status, answer)
	}
	if status, answer := b.get("/api/v1/draft"); status != 405 || !strings.Contains(answer, "POST") {
		t.Errorf("GET: %d %s", status, answer)
	}
	if status, answer := b.post("/api/v1/drafts", `{}`); status != 404 || !strings.Contains(answer, "did you mean /api/v1/draft?") {
		t.Errorf("nearest: %d %s", status, answer)
	}
}
