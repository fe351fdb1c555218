package web

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/testrig/influxd"
)

// Every secret of this test is called hush-N-hush, so that what tells any part of one is found.

// secretPlant has secrets wherever a configuration may have them, and %s where a line of it can be broken.
const secretPlant = `
  - name: ua
    driver: opcua
    url: "opc.tcp://me:hush-1-hush@127.0.0.1:1"
    timeout: 300ms
    auth: {username: reader, password: "${env:TAGBRIDGE_TEST_SECRET}"}
    tags: [ua.csv]
sinks:
  - {name: second, type: influxdb, url: "http://127.0.0.1:1", bucket: b, username: u, password: "${env:TAGBRIDGE_TEST_SECRET}", from: now}
  - {name: third, type: influxdb, url: "http://me:hush-2-hush@127.0.0.1:1", org: o, bucket: b}
  - {name: broker, type: mqtt, url: "mqtt://me:hush-3-hush@127.0.0.1:1", qos: 1}
  - {name: open, type: mqtt, url: "mqtt://127.0.0.1:1", username: u, password: hush-4-hush}
`

// broken are lines of a sink that nobody can read, each with a secret: what the reader of YAML or of a URL says of them would
// tell it.
var broken = []string{
	`password: {a: hush-10-hush}`, `password: [hush-11-hush]`, `password: "hush-12-hush`, `password: hush-13: hush: x`,
	`passwrd: hush-14-hush`, `password: hush-15-hush, password: hush-16-hush`, `token: !!int hush-17-hush`, `token: &hush-18-hush`,
	`token: *hush-19-hush`, `password: "hush-20-hush\q"`, "password: hush-21-hush\x01", `hush-22-hush`, `password: @hush-23-hush`,
	`username: u, password: "${env:TAGBRIDGE_TEST_SECRET"`, `username: u, password: "${hush-25-hush}"`,
	`username: u, password: "${file:nowhere}${file:token}"`, `token: "${file:token}", flush: "${file:token}"`, `token: |hush-27-hush`,
	`batch: "${env:TAGBRIDGE_TEST_SECRET}"`, `precision: "${env:TAGBRIDGE_TEST_SECRET}"`, `tls: {ca: "${env:TAGBRIDGE_TEST_SECRET}"}`,
}

// brokenURLs are addresses that cannot be read, likewise.
var brokenURLs = []string{
	"http://me:hush-30-hush@127.0.0.1:port", "http://me:hush-31-hush @127.0.0.1:1", "http://me:hush-32%zzhush@127.0.0.1:1",
	"htp://me:hush-33-hush@127.0.0.1:1", "//me:hush-34-hush@127.0.0.1:1", "me:hush-35-hush@127.0.0.1:1", "http://me:hush-36-hush@[::1:1",
	"http://me:hush-37/hush@127.0.0.1:1", "http://127.0.0.1:1/?token=hush-38-hush", "http://me:hush-39-hush@", "http://127.0.0.1:1/#hush-40-hush",
	"http://me:hush#42@127.0.0.1:1", "http://me:hush?43@127.0.0.1:1",
	"${env:TAGBRIDGE_TEST_SECRET}", "http://me:${env:TAGBRIDGE_TEST_SECRET}@127.0.0.1:port", "http://me:hush-41-hush@\x7f:1",
}

// questions are what is asked of actions, by their paths: all there are.
func questions(t *testing.T, b *running, r *rig) map[string][]string {
	maps := func(text string) map[string]any {
		return changeOf(map[string]string{"tags.csv": text}, b.etags(), "a comment")
	}
	changed := maps(threeTags + "x,40100,,,\n")
	stale := changeOf(map[string]string{"tags.csv": threeTags}, map[string]string{"tags.csv": `"0"`}, "")
	list := decoded[[]edit.Kept](t, second(b.ask("/api/v1/applied")))
	back := map[string]any{"id": list[len(list)-1].ID, "base": b.etags(), "try": true}
	draft := func(text string) string {
		return asJSONText(t, draftOf(map[string]string{"tags.csv": text}))
	}
	var files []string
	for _, name := range []string{"plant.yaml", "token", "users", "tags.csv", "nowhere.csv"} {
		full := url.PathEscape(filepath.Join(r.dir, name))
		for _, f := range []string{name, full, "..%2F" + filepath.Base(r.dir) + "%2F" + name, "%2e%2e/" + name, "./" + name, name + "%00.csv", "tags.csv%2F..%2F" + name} {
			files = append(files, f, f+"?as=csv", f+"?as=xlsx")
		}
	}
	row := `{"tag":"t","address":"40001"}`
	return map[string][]string{
		"/api/v1/maps/{file...}":   files,
		"/api/v1/manual/{file...}": {"maps", "../../plant.yaml", "%2e%2e%2fplant.yaml", "token"},
		"/api/v1/draft":            {draft(threeTags + "x,40100,,,\n"), draft("tag\n"), draft("\x00"), asJSONText(t, draftOf(map[string]string{"plant.yaml": "", "token": ""}))},
		"/api/v1/convert":          {`{"name":"a.csv","content":"dGFnLGFkZHJlc3MK"}`, `{"name":"../token","content":""}`},
		"/api/v1/workbook":         {asJSONText(t, bookJSON{"tags.csv", threeTags}), `{"name":"token","text":""}`},
		"/api/v1/read":             {`{"device":"plc","rows":[` + row + `]}`, `{"device":"ua","rows":[{"tag":"t","address":"ns=1;i=1"}]}`, `{"device":"second","rows":[` + row + `]}`},
		"/api/v1/browse":           {`{"device":"ua"}`, `{"device":"ua","root":"ns=1;i=1"}`, `{"device":"plc"}`},
		"/api/v1/resend":           {`{"sink":"second"}`, `{"sink":"broker"}`, `{"sink":"none"}`},
		"/api/v1/cluster/drain":    {`{}`, `{"undo":true}`, `{"undo":1}`},
		"/api/v1/probe":            {`{"device":"plc","ranges":["40001-40004"],"readings":[]}`, `{"device":"ua"}`},
		"/api/v1/apply":            {asJSONText(t, stale), asJSONText(t, maps("tag\n")), asJSONText(t, changed), `{}`},
		"/api/v1/rollback":         {asJSONText(t, back), `{"id":"../../plant","base":{}}`},
	}
}

// askAll asks every address, rightly and wrongly, and every action, and calls told with what is answered.
func askAll(t *testing.T, b *running, r *rig, told func(where, text string)) {
	t.Helper()
	for _, route := range routes {
		wrong := []string{"", "?no=such"}
		for _, p := range route.parameters {
			name, _, _ := strings.Cut(p.name, "=")
			for _, v := range []string{"", "plc", "ua", "db", "plc/temp", "ua/node", "*", "0-10", "-1h", "00ff", "1"} {
				wrong = append(wrong, "?"+name+"="+url.QueryEscape(v))
			}
		}
		for _, query := range wrong {
			told(route.path+query, second(b.ask(route.path+query)))
		}
	}
	told("/", second(b.ask("/", func(r *http.Request) { r.Header.Set("Accept", "text/plain") })))
	all := questions(t, b, r)
	for _, a := range actions {
		if len(all[a.path]) == 0 {
			t.Errorf("%s is asked nothing: add to questions what would tell a secret", a.path)
		}
		for i, q := range all[a.path] {
			if a.method == http.MethodGet {
				path := strings.Replace(a.path, "{file...}", q, 1)
				told(path, second(b.ask(path)))
				continue
			}
			told(fmt.Sprintf("%s, question %d", a.path, i), second(b.post(a.path, q, anna)))
		}
	}
}

// TestSecretsStayInside runs a bridge full of secrets against sinks that refuse them, breaks its configuration in many ways,
// and looks for them in everything that comes out: every answer of the API, log, metrics, files.
func TestSecretsStayInside(t *testing.T) {
	r := answering(t, "")
	r.influx.Always(influxd.Step{Status: 401})
	r.write("token", "hush-0-hush\n")
	r.write("ua.csv", "tag,address\nnode,ns=1;i=1\n")
	t.Setenv("TAGBRIDGE_TEST_SECRET", "hush-5-hush")
	r.edit("plant.yaml", "org: o,", `org: o, token: "${file:token}",`)
	r.edit("plant.yaml", "\nsinks:\n", strings.TrimSuffix(secretPlant, "\n")+"\n")
	r.editing()
	right := r.read("plant.yaml")
	for _, taken := range []string{"me:hush-1-hush@", "me:hush-2-hush@", "me:hush-3-hush@"} { // where a user has no place in a URL
		if r.loader()(nil).Problems.HasProblems() {
			right = strings.Replace(right, taken, "", 1)
			r.write("plant.yaml", right)
		}
	}
	b := r.run()
	b.await("failures", func() bool {
		for _, s := range b.bridge.Sinks() {
			if s.Error == "" {
				return false
			}
		}
		return !b.bridge.Devices()[1].Since.IsZero()
	})
	told := func(where, text string) {
		t.Helper()
		if i := strings.Index(text, "hush"); i >= 0 {
			t.Errorf("%s tells a secret: …%s…", where, text[max(0, i-80):min(len(text), i+40)])
		}
	}
	askAll(t, b, r, told)
	if s := b.hup(); s.Applied < 2 {
		t.Errorf("reload: %+v", s)
	}
	// Others of them: what has changed is told, without them.
	r.write("token", "hush-6-hush")
	r.write("plant.yaml", strings.ReplaceAll(strings.ReplaceAll(right, "hush-4", "hush-7"), "hush-2", "hush-8"))
	if s := b.hup(); len(s.Problems) > 0 {
		t.Errorf("reload: %+v", s)
	}
	try := func(what, text string) {
		t.Helper()
		r.write("plant.yaml", text)
		s := b.hup()
		for _, path := range []string{"/api/v1/problems", "/api/v1/configuration", "/api/v1/status", "/readyz", "/api/v1/applied", "/api/v1/maps"} {
			told(what+": "+path, second(b.ask(path)))
		}
		told(what+": "+"a draft", second(b.post("/api/v1/draft", asJSONText(t, draftOf(map[string]string{"tags.csv": threeTags})), anna)))
		told(what, strings.Join(s.Problems, "\n"))
	}
	sink := func(line string) string {
		return right + "  - {name: more, type: influxdb, url: \"http://127.0.0.1:1\", org: o, bucket: b, " + line + "}\n"
	}
	for _, line := range broken {
		try(line, sink(line))
	}
	for _, address := range brokenURLs {
		try(address, right+"  - {name: more, type: influxdb, org: o, bucket: b, url: \""+address+"\"}\n")
		try(address, right+"  - {name: more, type: mqtt, url: \""+strings.Replace(address, "http:", "mqtt:", 1)+"\"}\n")
		try(address, strings.Replace(right, "\nsinks:\n", "\n  - {name: more, driver: opcua, tags: [ua.csv], url: \""+strings.Replace(address, "http:", "opc.tcp:", 1)+"\"}\nsinks:\n", 1))
		try(address, strings.Replace(right, "\nsinks:\n", "\n  - {name: more, driver: modbus, tags: [tags.csv], url: \""+strings.Replace(address, "http:", "tcp:", 1)+"\"}\nsinks:\n", 1))
	}
	askAll(t, b, r, told)
	b.stop()
	told("log", b.log.String())
	wantNoSecretIn(t, filepath.Join(r.dir, "data"), told)
}

// wantNoSecretIn looks through the files of a data directory, which nobody else may read. What was applied is kept as written,
// for the owner alone.
func wantNoSecretIn(t *testing.T, data string, told func(where, text string)) {
	t.Helper()
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		forbidden := fs.FileMode(0o007)
		content, err := os.ReadFile(path)
		if filepath.Base(filepath.Dir(path)) == "configurations" {
			forbidden = 0o077
		} else {
			told(path, string(content))
		}
		if info.Mode().Perm()&forbidden != 0 {
			t.Errorf("%s: mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
