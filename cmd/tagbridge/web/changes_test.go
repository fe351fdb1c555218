package web

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/testrig/plc"
)

// answer is a changesJSON as a page reads it.
type answer struct {
	changesJSON
	Tags   []*rowJSON          `json:"tags"`
	Values [][]json.RawMessage `json:"values"`
}

func (b *running) changes(query string) (a answer) {
	b.t.Helper()
	status, body := b.get("/api/v1/changes" + query)
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK {
		b.t.Fatalf("%s: status %d, %v in %s", query, status, err, body)
	}
	return a
}

// value is value number i, as text.
func (a *answer) value(i int) string { return string(a.Values[i][1]) }

func (a *answer) names() string {
	var list []string
	for _, t := range a.Tags {
		if t == nil {
			list = append(list, "none")
			continue
		}
		list = append(list, t.Device+"/"+t.Tag)
	}
	return strings.Join(list, " ")
}

// slow is answering, with tags that are read once, so that nothing changes by itself.
func slow(t *testing.T) (*rig, *plc.Unit) {
	r := newRig(t)
	r.write("tags.csv", "tag,address,type,scale,unit,enum,description\nt10,40001,int16,0.1,°C,,warm\nt2,40003,int64,,,,\nmode,40007,uint16,,,0=off|1=on,\n")
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	for i, bits := range []uint64{0x02C1, 1<<63 - 1, 1} {
		if err := unit.SetBits(r.load().Devices[0].Tags[i], bits); err != nil {
			t.Fatal(err)
		}
	}
	r.plant(addr, "")
	r.edit("plant.yaml", "poll: 100ms", "poll: 1h")
	return r, unit
}

func TestChangesTellWhatHasChanged(t *testing.T) {
	r, _ := slow(t)
	b := r.run()
	b.await("values", func() bool { return len(b.list("/api/v1/tags?quality=good")) == 3 })
	b.await("the qualities to be compared", func() bool { return b.changes("").Good == 3 })
	a := b.changes("")
	if a.names() != "plc/mode plc/t2 plc/t10" || a.All != 3 || a.Matching != 3 || a.First != 0 || a.Tags[2].Unit != "°C" || a.Tags[2].Description != "warm" {
		t.Fatalf("the first answer: %+v of %s", a, a.names())
	}
	if a.value(0) != "1" || string(a.Values[0][7]) != `"on"` || a.value(1) != "9223372036854775807" || a.value(2) != "70.5" || string(a.Values[2][5]) != `"02c1"` {
		t.Errorf("values %s", a.Values)
	}
	if !strings.HasSuffix(a.Tags[0].Row, "tags.csv:4") {
		t.Errorf("the row of mode is %s", a.Tags[0].Row)
	}
	if part := b.changes("?rows=1-1"); part.List != a.List || b.changes("?match=t*").List == a.List {
		t.Errorf("the list of a part is %s, of all %s, and not another of what matches t*", part.List, a.List)
	}
	next := b.changes("?since=" + a.Cursor)
	if next.Tags != nil || len(next.Values) != 0 {
		t.Errorf("nothing has changed, and is answered with %+v", next)
	}
	for _, other := range []string{"&rows=0-1", "&rows=1-2", "&match=t*", "&tag=plc/t2"} {
		if got := b.changes("?since=" + a.Cursor + other); got.Tags == nil || len(got.Values) != len(got.Tags) {
			t.Errorf("%s is of other rows, and not answered in full: %+v", other, got)
		}
	}
	if a := b.changes("?rows=1-1&match=t*"); a.names() != "plc/t10" || string(a.Values[0][0]) != "1" || a.First != 1 || a.Matching != 2 || a.All != 3 {
		t.Errorf("the second that begins with t: %+v of %s", a, a.names())
	}
	if a := b.changes("?rows=7-9"); a.Tags == nil || len(a.Tags) != 0 || a.First != 3 {
		t.Errorf("rows beyond the last: %+v", a)
	}
	if a := b.changes("?tag=plc/t10&tag=plc/gone&tag=pls/t10&tag=plc/mode"); a.names() != "plc/t10 none none plc/mode" || len(a.Values) != 2 || string(a.Values[1][0]) != "3" {
		t.Errorf("by name: %+v of %s", a, a.names())
	}
}

// TestACursorOfAnotherTimeIsAnsweredInFull reloads, and starts anew.
func TestACursorOfAnotherTimeIsAnsweredInFull(t *testing.T) {
	r, _ := slow(t)
	b := r.run()
	b.await("values", func() bool { return len(b.list("/api/v1/tags?quality=good")) == 3 })
	before := b.changes("")
	r.edit("tags.csv", "t10,", "t11,")
	b.hup()
	after := b.changes("?since=" + before.Cursor)
	if after.names() != "plc/mode plc/t2 plc/t11" {
		t.Errorf("after a reload: %s", after.names())
	}
	b.stop()
	again := r.run()
	if a := again.changes("?since=" + after.Cursor); a.names() != "plc/mode plc/t2 plc/t11" {
		t.Errorf("after a start: %s", a.names())
	}
}

// TestRowsOfAQualityComeAndGo has a unit die and come back while a page looks at the bad tags.
func TestRowsOfAQualityComeAndGo(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	r.plant(addr, "")
	b := r.run()
	const asked = "?quality=not-good"
	b.await("all to be good", func() bool { a := b.changes(asked); return a.Matching == 0 && a.Good == 3 })
	a := b.changes(asked)
	unit.Inject(plc.Fault{Kind: plc.Silence})
	b.await("all to be bad", func() bool {
		next := b.changes(asked + "&since=" + url.QueryEscape(a.Cursor))
		return next.Matching == 3 && next.Bad == 3 && next.names() == "plc/door plc/power plc/temp" && len(next.Values) == 3 &&
			next.value(0) == "null" && strings.Contains(string(next.Values[0][6]), "no answer")
	})
	unit.ClearFaults()
	b.await("none to be bad", func() bool { a := b.changes(asked); return a.Matching == 0 && len(a.Tags) == 0 })
}

// TestDeltasAddUp applies what changes to what a page has, and wants that to be what another page is told in full.
func TestDeltasAddUp(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	b.await("values", func() bool { return len(b.list("/api/v1/tags?quality=good")) == 3 })
	unit := b.changes("")
	shown := map[string]string{}
	take := func(a *answer) {
		for _, v := range a.Values {
			shown[string(v[0])] = fmt.Sprintf("%s", v[1:])
		}
	}
	take(&unit)
	cursor, deltas := unit.Cursor, 0
	for deltas < 10 {
		a := b.changes("?since=" + cursor)
		if a.Tags != nil {
			t.Fatal("the rows are what they were")
		}
		cursor = a.Cursor
		take(&a)
		if len(a.Values) > 0 {
			deltas++
		}
		full := b.changes("")
		if full.Cursor != cursor {
			continue // it was read in between
		}
		for _, v := range full.Values {
			if got, want := shown[string(v[0])], fmt.Sprintf("%s", v[1:]); got != want {
				t.Fatalf("a page shows %s, another one %s", got, want)
			}
		}
	}
}

func TestStructureHasAnETag(t *testing.T) {
	r, _ := slow(t)
	b := r.run()
	pages := b.opened().pages
	get := func(path string, header ...string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		pages.handler().ServeHTTP(w, req)
		return w
	}
	first := get("/api/v1/tags?fields=tag,unit")
	if want := "[{\"tag\":\"mode\",\"unit\":\"\"}\n,{\"tag\":\"t2\",\"unit\":\"\"}\n,{\"tag\":\"t10\",\"unit\":\"°C\"}\n]\n"; first.Body.String() != want {
		t.Errorf("%s, want %s", first.Body, want)
	}
	tag := first.Header().Get("ETag")
	if again := get("/api/v1/tags?fields=tag,unit", "If-None-Match", `"x", `+tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("status %d, %s", again.Code, again.Body)
	}
	for _, path := range []string{"?fields=tag", "?fields=tag,unit&rows=0-1", "?fields=tag,unit&match=t*"} {
		if other := get("/api/v1/tags"+path, "If-None-Match", tag); other.Code != http.StatusOK || other.Header().Get("ETag") == tag {
			t.Errorf("%s has the ETag of another list", path)
		}
	}
	r.edit("tags.csv", "°C", "°F")
	b.hup()
	zipped := get("/api/v1/tags?fields=tag,unit&rows=2-9", "If-None-Match", tag, "Accept-Encoding", "br, gzip")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != "[{\"tag\":\"t10\",\"unit\":\"°F\"}\n]\n" || zipped.Header().Get("X-Total-Count") != "3" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestPagesOfTheList(t *testing.T) {
	r, _ := slow(t)
	b := r.run()
	b.await("values", func() bool { return len(b.list("/api/v1/tags?quality=good")) == 3 })
	if list := b.list("/api/v1/tags?rows=1-2", "device", "value", "raw", "row"); len(list) != 2 || list[0]["tag"] != "t2" || list[1]["tag"] != "t10" || list[1]["value"] != 70.5 {
		t.Errorf("the second and third tag: %v", list)
	}
	if list := b.list("/api/v1/tags?rows=3-9"); len(list) != 0 {
		t.Errorf("beyond the last: %v", list)
	}
}

// TestComputedTagInDetail has a formula where others have an address, and is read by its name.
func TestComputedTagInDetail(t *testing.T) {
	b := answering(t, "  - {name: calc, driver: derived, of: plc, tags: [{tag: twice, expr: power * 2}]}").run()
	b.await("a value", func() bool { return len(b.list("/api/v1/tags?device=calc&quality=good")) == 1 })
	_, body := b.get("/api/v1/tag?tag=calc/twice")
	var d detailJSON
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	if d.Address != "= power * 2" || !strings.HasSuffix(d.Read, "plant.yaml#calc twice") || d.Type != "float64" {
		t.Errorf("%+v", d)
	}
}

func TestTagInDetail(t *testing.T) {
	r, _ := slow(t)
	b := r.run()
	b.await("values", func() bool { return len(b.list("/api/v1/tags?quality=good")) == 3 })
	_, body := b.get("/api/v1/tag?tag=plc/mode")
	var d detailJSON
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	if d.Address != "holding:6" || d.Type != "uint16" || d.Meaning != "on" || len(d.Enum) != 2 || d.Request == "" || string(d.Value) != "1" {
		t.Errorf("%+v", d)
	}
	if !strings.HasPrefix(d.Read, "tagbridge read ") || !strings.HasSuffix(d.Read, "plant.yaml#plc holding:6,uint16") {
		t.Errorf("read it with %s", d.Read)
	}
	own := slices.IndexFunc(d.Decodings, func(d decodingJSON) bool { return d.Row })
	if own < 0 || d.Decodings[own].Type != "uint16" || string(d.Decodings[own].Value) != "1" {
		t.Errorf("decodings %+v", d.Decodings)
	}
	for path, want := range map[string]int{"": 400, "?tag=plc/mode&tag=plc/t2": 400, "?tag=mode": 400, "?tag=plc/mod": 404, "?tag=plk/mode": 404} {
		if status, body := b.get("/api/v1/tag" + path); status != want || !strings.Contains(body, "error") {
			t.Errorf("%s: status %d, %s", path, status, body)
		}
	}
	if _, body := b.get("/api/v1/tag?tag=plc/mod"); !strings.Contains(body, "did you mean plc/mode?") {
		t.Error(body)
	}
	if list := b.list("/api/v1/decode?raw=00004148", "type", "order", "value", "quality"); len(list) < 15 {
		t.Errorf("%d ways to read two registers", len(list))
	}
}

func TestShellWords(t *testing.T) {
	for text, want := range map[string]string{
		"/etc/plant.yaml#plc": "/etc/plant.yaml#plc", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "#x": "'#x'", "ns=2;s=a": "'ns=2;s=a'", "é": "'é'",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
}

func TestNamesAreOrderedAsPeopleCount(t *testing.T) {
	want := []string{"", "A2", "a", "a1", "a01", "a1b", "a2", "a02b", "a10", "a10.2", "a10.10", "a99999999999999999999", "a100000000000000000000", "b"}
	for i := range want {
		for k := range want {
			if got := compareNames(want[i], want[k]); want[i] != want[k] && (got < 0) != (i < k) && !(strings.TrimLeft(want[i], "a0") == strings.TrimLeft(want[k], "a0")) {
				t.Errorf("%q and %q: %d", want[i], want[k], got)
			}
			if (compareNames(want[i], want[k]) == 0) != (i == k) || compareNames(want[i], want[k]) != -compareNames(want[k], want[i]) {
				t.Errorf("%q and %q are not told apart in the same way both ways", want[i], want[k])
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("AAAAAAAAAAA")
	f.Add(newCursor(7, []state{{sum: 1}, {sum: 1<<32 - 1}}).String())
	f.Fuzz(func(t *testing.T, text string) {
		c, err := cursorOf([]string{text})
		if err == nil && c.String() != text && len(c.sums) > maxRows {
			t.Errorf("%q was taken as %v", text, c)
		}
		if err == nil {
			if again, err := cursorOf([]string{c.String()}); err != nil || again.list != c.list || !slices.Equal(again.sums, c.sums) {
				t.Errorf("%q becomes %v, then %v, %v", text, c, again, err)
			}
		}
	})
}

// pagesOf answers for a bridge with n tags that are never read.
func pagesOf(b *testing.B, n int) http.Handler {
	var tags, plant strings.Builder
	tags.WriteString("tag,address,unit\n")
	for i := range 10_000 {
		fmt.Fprintf(&tags, "area%d/pump%d.flow,%d,m3/h\n", i/100, i, 40001+i%9000)
	}
	plant.WriteString("bridge: {name: test, data_dir: data}\ndevices:\n")
	for i := range max(n/10_000, 1) {
		fmt.Fprintf(&plant, "  - {name: plc%d, driver: modbus, url: tcp://192.0.2.1, unit_id: %d, tags: [tags.csv]}\n", i, i+1)
	}
	r := &rig{dir: b.TempDir()}
	for name, text := range map[string]string{"tags.csv": tags.String(), "plant.yaml": plant.String() + "sinks: [{name: out, type: file, path: out.json}]\n"} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	got := r.loader()(nil)
	if got.Problems.HasProblems() {
		b.Fatal(got.Problems)
	}
	of, err := bridge.Open(got.Config, bridge.Options{Log: discard()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { of.Close() })
	return newPages(of, prometheus.NewRegistry(), discard()).handler()
}

// BenchmarkChanges is what a page costs that looks at 60 rows of many tags, all of which have just been read.
func BenchmarkChanges(b *testing.B) {
	for _, n := range []int{10_000, 250_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := pagesOf(b, n)
			cursor := ""
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/changes?rows=500-559"+cursor, nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
				cursor = "&since=" + w.Body.String()[len(`{"cursor":"`):][:len(newCursor(0, make([]state, 60)).String())]
			}
		})
	}
}
