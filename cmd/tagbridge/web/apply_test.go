package web

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/events"
)

// editing has plant.yaml let anna edit, and guard and a token look.
func (r *rig) editing() {
	r.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("open sesame"), bcrypt.MinCost)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write("users", "anna:"+string(hash)+":edit\nguard:"+string(hash)+"\n"+testToken+"\n")
	r.edit("plant.yaml", `http: "127.0.0.1:0"`, `http: {listen: "127.0.0.1:0", users: users, edit: true}`)
}

func anna(r *http.Request)  { r.SetBasicAuth("anna", "open sesame") }
func guard(r *http.Request) { r.SetBasicAuth("guard", "open sesame") }
func token(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testToken) }

// ask is get of one who may look.
func (b *running) ask(path string, as ...func(*http.Request)) (int, string) {
	b.t.Helper()
	r, err := http.NewRequest("GET", b.http+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	guard(r)
	for _, f := range as {
		f(r)
	}
	return b.do(r)
}

// etags are those of all maps.
func (b *running) etags() map[string]string {
	b.t.Helper()
	tags := map[string]string{}
	for _, m := range decoded[[]edit.Map](b.t, second(b.ask("/api/v1/maps"))) {
		tags[m.Name] = m.ETag
	}
	return tags
}

func changeOf(files, base map[string]string, comment string) map[string]any {
	return map[string]any{"files": files, "base": base, "comment": comment}
}

func (r *rig) read(name string) string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// leftovers are files of the folder that are none of its own.
func (r *rig) leftovers() (list []string) {
	for _, pattern := range []string{".tagbridge*", "data/configurations/applying*"} {
		found, _ := filepath.Glob(filepath.Join(r.dir, pattern))
		list = append(list, found...)
	}
	return list
}

func TestApplyAndBack(t *testing.T) {
	r := answering(t, "")
	const latin = "tag;address;unit\r\n# K\xfchlung\r\nwarm;40001;\xb0C\r\n"
	wide := func(text string) string {
		out := "\xff\xfe"
		for _, u := range utf16.Encode([]rune(text)) {
			out += string([]byte{byte(u), byte(u >> 8)})
		}
		return out
	}
	r.write("sub.csv", latin)
	r.write("wide.csv", wide("tag,address\r\nü,40005\r\n"))
	if err := os.Chmod(filepath.Join(r.dir, "sub.csv"), 0o604); err != nil {
		t.Fatal(err)
	}
	r.edit("plant.yaml", "tags: [tags.csv]", "tags: [tags.csv, sub.csv, wide.csv]")
	r.editing()
	b := r.run()
	base := b.etags()
	status, body := b.post("/api/v1/apply", asJSONText(t, changeOf(map[string]string{
		"sub.csv":  "tag;address;unit\r\n# Kühlung\r\nwarm;40002;°C\r\n",
		"wide.csv": "tag,address\r\nü,40006\r\n",
	}, base, "moved\nby two")), anna)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	done := decoded[edit.Applied](t, body)
	if !slices.Equal(done.Changes, []string{"tag plc/warm: address holding:0 is now holding:1", "tag plc/ü: address holding:4 is now holding:5"}) && len(done.Changes) != 2 {
		t.Errorf("%q", done.Changes)
	}
	if got, want := r.read("sub.csv"), strings.Replace(latin, "40001", "40002", 1); got != want {
		t.Errorf("sub.csv is %q, want %q", got, want)
	}
	if got, want := r.read("wide.csv"), wide("tag,address\r\nü,40006\r\n"); got != want {
		t.Errorf("wide.csv is %q, want %q", got, want)
	}
	if info, err := os.Stat(filepath.Join(r.dir, "sub.csv")); err != nil || info.Mode().Perm() != 0o604 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if left := r.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if now := b.etags(); now["sub.csv"] != done.ETags["sub.csv"] || now["sub.csv"] == base["sub.csv"] || now["tags.csv"] != base["tags.csv"] {
		t.Errorf("etags %v, before %v, answered %v", now, base, done.ETags)
	}
	list := decoded[[]edit.Kept](t, second(b.ask("/api/v1/applied")))
	if len(list) != 2 || list[0].By != "anna" || list[0].Comment != "moved by two" || len(list[0].Changes) != 2 || !list[0].Now || list[1].Now {
		t.Fatalf("%+v", list)
	}
	b.await("the event", func() bool {
		_, body := b.ask("/api/v1/events")
		return slices.ContainsFunc(decoded[[]events.Event](t, body), func(e events.Event) bool {
			return e.Kind == events.Edit && e.By == "anna" && strings.Contains(e.Text, "moved by two") && strings.Contains(e.Text, "sub.csv")
		})
	})
	// And back.
	back := map[string]any{"id": list[1].ID, "base": base}
	if status, body := b.post("/api/v1/rollback", asJSONText(t, back), anna); status != http.StatusConflict {
		t.Errorf("from what was before: %d %s", status, body)
	}
	back["try"] = true
	status, body = b.post("/api/v1/rollback", asJSONText(t, back), anna)
	if f := decoded[edit.Finding](t, body); status != http.StatusOK || len(f.Diff) != 2 || r.read("sub.csv") == latin {
		t.Errorf("what it would change: %d %s", status, body)
	}
	delete(back, "try")
	back["base"] = done.ETags
	if status, body := b.post("/api/v1/rollback", asJSONText(t, back), anna); status != http.StatusOK || r.read("sub.csv") != latin {
		t.Errorf("%d %s, sub.csv is %q", status, body, r.read("sub.csv"))
	}
	if now := b.etags(); now["sub.csv"] != base["sub.csv"] || now["wide.csv"] != base["wide.csv"] {
		t.Errorf("etags %v, at the beginning %v", now, base)
	}
	if status, body := b.post("/api/v1/rollback", `{"id":"20010101","base":{}}`, anna); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, body)
	}
}

func TestWhoMayEdit(t *testing.T) {
	r := answering(t, "")
	r.editing()
	b := r.run()
	change := asJSONText(t, changeOf(map[string]string{"tags.csv": threeTags + "x,40100,,,\n"}, b.etags(), ""))
	for name, c := range map[string]struct {
		as     func(*http.Request)
		status int
		text   string
	}{
		"reader": {guard, 403, "may only look"}, "token": {token, 403, "a token may only look"}, "nobody": {func(*http.Request) {}, 401, "needed"},
		"wrong password": {func(r *http.Request) { r.SetBasicAuth("anna", "x") }, 401, "needed"},
		"another site":   {func(r *http.Request) { anna(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403, "another site"},
		"a form":         {func(r *http.Request) { anna(r); r.Header.Set("Content-Type", "text/plain") }, 415, "application/json"},
	} {
		for _, path := range []string{"/api/v1/apply", "/api/v1/rollback"} {
			if status, body := b.post(path, change, c.as); status != c.status || !strings.Contains(body, c.text) {
				t.Errorf("%s %s: %d %s", name, path, status, body)
			}
		}
	}
	for as, want := range map[string]sessionJSON{"anna": {User: "anna", Edit: true}, "guard": {User: "guard"}, "": {}} {
		_, body := b.ask("/api/v1/session", map[string]func(*http.Request){"anna": anna, "guard": guard, "": token}[as])
		s := decoded[sessionJSON](t, body)
		if s.User != want.User || s.Edit != want.Edit || (s.Why == "") != want.Edit || s.Bridge != "test" || s.Zone == "" {
			t.Errorf("%q: %+v", as, s)
		}
	}
	if r.read("tags.csv") != threeTags {
		t.Error("the map was changed")
	}
	r.edit("plant.yaml", ", edit: true", "")
	b.hup()
	b.http = "http://" + b.opened().Address()
	if status, body := b.post("/api/v1/apply", change, anna); status != 403 || !strings.Contains(body, "bridge.http.edit: true") {
		t.Errorf("with edit off: %d %s", status, body)
	}
}

func TestEditNeedsUsers(t *testing.T) {
	r := answering(t, "")
	r.edit("plant.yaml", `http: "127.0.0.1:0"`, `http: {listen: "127.0.0.1:0", edit: true}`)
	if found := r.loader()(nil).Problems; !found.HasProblems() || !strings.Contains(found.Err().Error(), "edit needs users") {
		t.Errorf("%v", found)
	}
}

// TestTwoEditors has the disk, and another user, be faster.
func TestTwoEditors(t *testing.T) {
	r := answering(t, "")
	r.editing()
	b := r.run()
	base := b.etags()
	apply := func(text string, base map[string]string) (int, refusedJSON) {
		status, body := b.post("/api/v1/apply", asJSONText(t, changeOf(map[string]string{"tags.csv": text}, base, "")), anna)
		return status, decoded[refusedJSON](t, body)
	}
	if status, body := apply(threeTags+"x,40100,,,\n", base); status != 200 {
		t.Fatalf("%d %v", status, body)
	}
	status, body := apply(threeTags+"y,40101,,,\n", base)
	if status != 409 || body.ETags["tags.csv"] != b.etags()["tags.csv"] || !strings.Contains(body.Error, "somebody else has changed tags.csv") {
		t.Errorf("%d %+v", status, body)
	}
	if got := r.read("tags.csv"); got != threeTags+"x,40100,,,\n" {
		t.Errorf("tags.csv is %q", got)
	}
	base = b.etags()
	r.write("tags.csv", threeTags+"z,40102,,,\n") // with an editor on the machine
	if status, body := apply(threeTags+"y,40101,,,\n", base); status != 409 {
		t.Errorf("%d %+v", status, body)
	}
	if status, body := apply(threeTags+"y,40101,,,\n", nil); status != 409 {
		t.Errorf("without base: %d %+v", status, body)
	}
	if got := r.read("tags.csv"); got != threeTags+"z,40102,,,\n" {
		t.Errorf("tags.csv is %q", got)
	}
	// Many at the same time: one of each base wins.
	base = b.etags()
	var all sync.WaitGroup
	var mu sync.Mutex
	count := map[int]int{}
	for i := range 8 {
		all.Go(func() {
			status, _ := apply(threeTags+"n"+strings.Repeat("n", i)+",40103,,,\n", base)
			mu.Lock()
			defer mu.Unlock()
			count[status]++
		})
	}
	all.Wait()
	if count[200] != 1 || count[409] != 7 {
		t.Errorf("answers %v", count)
	}
	if left := r.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestApplyRefuses(t *testing.T) {
	r := answering(t, "")
	r.write("linked.csv", "tag,address\nlinked,40200\n")
	r.edit("plant.yaml", "tags: [tags.csv]", "tags: [tags.csv, link.csv, hard.csv, latin.csv]")
	if err := os.Symlink("linked.csv", filepath.Join(r.dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	r.write("latin.csv", "tag,address,unit\nwarm,40300,\xb0C\n")
	r.write("one.csv", "tag,address\nhard,40201\n")
	if err := os.Link(filepath.Join(r.dir, "one.csv"), filepath.Join(r.dir, "hard.csv")); err != nil {
		t.Fatal(err)
	}
	r.editing()
	b := r.run()
	apply := func(file, text string) (int, string) {
		return b.post("/api/v1/apply", asJSONText(t, changeOf(map[string]string{file: text}, b.etags(), "")), anna)
	}
	status, body := apply("tags.csv", strings.Replace(threeTags, "float32", "flaot32", 1))
	if status != 422 || len(decoded[refusedJSON](t, body).Problems) != 2 || r.read("tags.csv") != threeTags {
		t.Errorf("%d %s", status, body)
	}
	status, body = apply("latin.csv", "tag,address,unit\nwarm,40300,\xc2\xb0C\ncold,40301,\u4e2d\n")
	if p := decoded[refusedJSON](t, body).Problems; status != 422 || len(p) != 1 || p[0].Line != 3 || p[0].Column != 12 || p[0].Header != "unit" {
		t.Errorf("%d %s", status, body)
	}
	if status, body = apply("hard.csv", "tag,address\nhard,40202\n"); status != 403 || !strings.Contains(body, "hard link") {
		t.Errorf("%d %s", status, body)
	}
	if status, body = apply("link.csv", "tag,address\nlinked,40203\n"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if info, err := os.Lstat(filepath.Join(r.dir, "link.csv")); err != nil || info.Mode()&os.ModeSymlink == 0 || r.read("linked.csv") != "tag,address\nlinked,40203\n" {
		t.Errorf("the link is %v, what it leads to %q", info.Mode(), r.read("linked.csv"))
	}
	change := changeOf(map[string]string{"latin.csv": "tag,address,unit\nwarm,40300,\xc2\xb0C\ncold,40301,\u4e2d\n"}, b.etags(), "")
	change["encodings"] = map[string]string{"latin.csv": "utf-8"}
	if status, body := b.post("/api/v1/apply", asJSONText(t, change), anna); status != 200 || !strings.Contains(r.read("latin.csv"), "\xc2\xb0C\ncold,40301,\u4e2d") {
		t.Errorf("as UTF-8: %d %s", status, body)
	}
	if s := b.bridge.Reloads(); len(s.Problems) > 0 {
		t.Errorf("%+v", s)
	}
}

// TestDraftGivesWay has a page draw faster than its drafts are checked.
func TestDraftGivesWay(t *testing.T) {
	d := newDrafts()
	ctx := context.Background()
	first, end, ok := d.begin(ctx, "anna")
	if !ok || first.Err() != nil {
		t.Fatal("the first does not begin")
	}
	type begun struct {
		ctx context.Context
		end func()
	}
	later := make(chan begun)
	go func() {
		ctx, end, _ := d.begin(ctx, "anna")
		later <- begun{ctx, end}
	}()
	select {
	case <-first.Done():
	case <-time.After(patienceOfTests):
		t.Fatal("the first goes on")
	}
	end()
	second := <-later
	if second.ctx.Err() != nil {
		t.Error("the second does not begin")
	}
	second.end()
	if len(d.last) != 0 || len(d.turn) != 0 {
		t.Errorf("%d pages, %d turns are left", len(d.last), len(d.turn))
	}
}
