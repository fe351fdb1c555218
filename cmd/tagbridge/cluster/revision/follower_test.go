package revision

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/testrig/natsd"
)

// disk is a bridge that does not run: its files alone. It implements Host.
type disk struct{ config, data string }

func (d disk) Try(files *source.Files) (l bridge.Loaded, err error) {
	l.Config, l.Problems = config.Load(d.config, config.Options{Files: files, Expand: true, Seen: func(path string, content []byte) {
		l.Files = append(l.Files, bridge.NewFile(path, content))
	}})
	return l, nil
}

func (d disk) Replace(texts []edit.Text, note bridge.Note) (bridge.Reloaded, error) {
	return bridge.Reloaded{}, edit.Put(d.data, note.By, texts)
}

const plantText = `bridge: {name: line-3, data_dir: data, http: {listen: "127.0.0.1:1", users: users.csv}, cluster: {nats: ["nats://127.0.0.1:4222"], node: pc-a}}
devices:
  - {name: oven, driver: modbus, url: "tcp://127.0.0.1:1", tags: [a.csv]}
sinks: [{name: out, type: file, path: "-"}]
`

const mapText = "tag,address\nt,40001\n"

// remoteRig is a NATS server, a member that is a folder, and one who pushes whatever he likes.
type remoteRig struct {
	*testing.T
	dir      string
	store    *store.Store
	remote   *Remote
	follower *Follower
}

func newRemoteRig(t *testing.T) *remoteRig {
	t.Helper()
	s, err := store.New(store.Options{Bridge: "line-3", Node: "x", URLs: []string{"nats://" + natsd.New(t, "").Address}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() { end(); <-ended })
	r := &remoteRig{T: t, dir: t.TempDir(), store: s}
	link, err := s.Link(r.within())
	if err == nil {
		r.remote, err = Open(r.within(), link, "line-3")
	}
	if err != nil {
		t.Fatal(err)
	}
	r.write("plant.yaml", plantText)
	r.write("a.csv", mapText)
	r.write("users.csv", "anna:x:edit\n")
	r.again()
	return r
}

// again begins the member anew, as a start does.
func (r *remoteRig) again() {
	plant, data := filepath.Join(r.dir, "plant.yaml"), filepath.Join(r.dir, "data")
	r.follower = NewFollower(Options{Store: r.store, Bridge: "line-3", Node: "pc-a", Program: "1", Config: plant, DataDir: data, Host: disk{plant, data}})
}

func (r *remoteRig) within() context.Context {
	ctx, end := context.WithTimeout(context.Background(), 2*time.Minute)
	r.Cleanup(end)
	return ctx
}

// look has the follower look until it was answered: on a busy machine the server may not do so in time, and a member looks again.
func (r *remoteRig) look() {
	r.Helper()
	for end := time.Now().Add(3 * time.Minute); ; {
		r.follower.look(r.Context())
		if why := r.follower.State().Why; !strings.Contains(why, "JetStream does not answer") {
			return
		} else if time.Now().After(end) {
			r.Fatal(why)
		}
	}
}

func (r *remoteRig) write(name, text string) {
	r.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

func (r *remoteRig) read(name string) string {
	b, _ := os.ReadFile(filepath.Join(r.dir, name))
	return string(b)
}

// content is a revision of these files, with a configuration that names maps.
func (r *remoteRig) content(maps string, files map[string]string) *Content {
	r.Helper()
	shared, err := Shared(strings.Replace(plantText, "[a.csv]", "["+maps+"]", 1))
	if err != nil {
		r.Fatal(err)
	}
	c := &Content{Config: shared, Files: map[string][]byte{}}
	for name, text := range files {
		c.Files[name] = []byte(text)
	}
	return c
}

// push stores and publishes it as the newest one, changed by as.
func (r *remoteRig) push(c *Content, as func(*Manifest)) *Manifest {
	r.Helper()
	_, entry, err := r.remote.Newest(r.within())
	var damaged *Damaged
	if err != nil && !errors.As(err, &damaged) {
		r.Fatal(err)
	}
	m := Next(c, nil, nil)
	m.Bridge, m.By, m.Program, m.Number = "line-3", "anna", "1", int(entry)+1
	if as != nil {
		as(m)
	}
	if err := r.remote.Store(r.within(), c); err != nil {
		r.Fatal(err)
	}
	text, err := m.Append(nil)
	if err != nil {
		r.Fatal(err)
	}
	if _, err := r.remote.kv.Put(r.within(), currentKey, text); err != nil {
		r.Fatal(err)
	}
	return m
}

// TestFollowerApplies has a member take a revision with a file that it did not have, in a folder that was not there.
func TestFollowerApplies(t *testing.T) {
	r := newRemoteRig(t)
	m := r.push(r.content("a.csv, tags/b.csv", map[string]string{"a.csv": mapText + "u,40002\n", "tags/b.csv": "tag,address\nb,40009\n"}), nil)
	r.look()
	if s := r.follower.State(); s.Why != "" || s.Applied == nil || s.Applied.ID != m.ID {
		t.Fatalf("%+v", s)
	}
	if !strings.Contains(r.read("a.csv"), "40002") || !strings.Contains(r.read("tags/b.csv"), "40009") || !strings.Contains(r.read("plant.yaml"), "node: pc-a") {
		t.Error("the files are not there")
	}
	p, err := r.remote.ReportOf(r.within(), "pc-a")
	if err != nil || p == nil || p.ID != m.ID || p.Refused != 0 {
		t.Errorf("it says %+v, %v", p, err)
	}
	r.again()
	r.write("a.csv", "tag,address\nmine,40001\n")
	r.look()
	if s := r.follower.State(); len(s.Differs) != 1 || s.Differs[0] != "a.csv" || !strings.Contains(r.read("a.csv"), "mine") {
		t.Errorf("changed by hand: %+v", s)
	}
}

// TestFollowerRefuses has each of these change nothing, and be said; what is good comes through afterwards.
func TestFollowerRefuses(t *testing.T) {
	r := newRemoteRig(t)
	good := r.push(r.content("a.csv", map[string]string{"a.csv": mapText + "good,40003\n"}), nil)
	r.look()
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(r.dir, "linked")); err != nil {
		t.Fatal(err)
	}
	evil := map[string]string{"a.csv": mapText + "evil,40004\n"}
	with := func(name, text string) map[string]string {
		return map[string]string{"a.csv": mapText + "evil,40004\n", name: text}
	}
	for _, c := range []struct {
		what string
		push func()
		want string
	}{
		{"another bridge", func() { r.push(r.content("a.csv", evil), func(m *Manifest) { m.Bridge = "line-4" }) }, "for the bridge line-4"},
		{"older", func() { r.push(r.content("a.csv", evil), func(m *Manifest) { m.Number = 1 }) }, "higher number"},
		{"damaged", func() { _, _ = r.remote.kv.Put(r.within(), currentKey, []byte("{}")) }, "no manifest"},
		{"not named", func() { r.push(r.content("a.csv", with("b.csv", mapText)), nil) }, "not one that the configuration names"},
		{"users", func() { r.push(r.content("a.csv, users.csv", with("users.csv", "tag,address\nx,40001\n")), nil) }, "secrets or certificates"},
		{"by a link", func() { r.push(r.content("a.csv, linked/b.csv", with("linked/b.csv", mapText)), nil) }, "is a link"},
		{"into the data", func() { r.push(r.content("a.csv, data/b.csv", with("data/b.csv", mapText)), nil) }, "the bridge's own"},
		{"over the configuration", func() { r.push(r.content("a.csv, plant.yaml", with("plant.yaml", "x: 1\n")), nil) }, "the bridge's own"},
		{"a problem", func() { r.push(r.content("a.csv", map[string]string{"a.csv": mapText + "evil,4\n"}), nil) }, "a.csv:3"},
		{"another name", func() {
			c := r.content("a.csv", evil)
			c.Config = strings.Replace(c.Config, "bridge: {}", "bridge: {name: other}", 1)
			r.push(c, nil)
		}, "another one after"},
		{"gone", func() {
			c := r.content("a.csv", map[string]string{"a.csv": mapText + "gone,40005\n"})
			m := r.push(c, nil)
			_ = r.remote.objects.Delete(r.within(), m.Files[0].Sum)
		}, "is not in NATS"},
		{"other bytes", func() {
			c := r.content("a.csv", map[string]string{"a.csv": mapText + "fake,40006\n"})
			m := r.push(c, nil)
			_, _ = r.remote.objects.PutString(r.within(), m.Files[0].Sum, mapText+"evil,40006\n")
		}, "is another file than it was"},
		{"longer", func() {
			m := r.push(r.content("a.csv", map[string]string{"a.csv": mapText + "long,40007\n"}), nil)
			_, _ = r.remote.objects.PutBytes(r.within(), m.Files[0].Sum, make([]byte, 3<<20))
		}, "is another file than it was"},
		{"a link in NATS", func() {
			info, err := r.remote.objects.PutString(r.within(), "elsewhere", "x")
			other := NewFile("a.csv", []byte("other"))
			if err == nil {
				_, err = r.remote.objects.AddLink(r.within(), other.Sum, info)
			}
			if err != nil {
				t.Fatal(err)
			}
			r.push(r.content("a.csv", evil), func(m *Manifest) { m.Files[0] = other })
		}, "is not in NATS"},
	} {
		c.push()
		r.again()
		r.look()
		if s := r.follower.State(); !strings.Contains(s.Why, c.want) || s.Applied == nil || s.Applied.ID != good.ID {
			t.Errorf("%s: %q, want %q; applied %+v", c.what, s.Why, c.want, s.Applied)
		}
		if r.read("a.csv") != mapText+"good,40003\n" || r.read("users.csv") != "anna:x:edit\n" || !strings.HasPrefix(r.read("plant.yaml"), "bridge: {name: line-3,") {
			t.Fatalf("%s: something was changed", c.what)
		}
		if there, _ := os.ReadDir(outside); len(there) > 0 {
			t.Fatalf("%s: something was written by a link", c.what)
		}
		p, err := r.remote.ReportOf(r.within(), "pc-a")
		if err != nil || p == nil || p.ID != good.ID || !strings.Contains(p.Why, c.want) {
			t.Errorf("%s: it says %+v, %v", c.what, p, err)
		}
	}
	m := r.push(r.content("a.csv", map[string]string{"a.csv": mapText + "last,40009\n"}), nil)
	r.look()
	if s := r.follower.State(); s.Why != "" || s.Applied.ID != m.ID {
		t.Errorf("what is good: %+v", s)
	}
}

// TestTwoPush has one of two who push at once be told so, and nothing of his be there.
func TestTwoPush(t *testing.T) {
	r := newRemoteRig(t)
	for round := range 3 {
		last, entry, err := r.remote.Newest(r.within())
		if err != nil {
			t.Fatal(err)
		}
		results, list := make(chan error, 5), []*Manifest{}
		for range cap(results) {
			m := Next(r.content("a.csv", map[string]string{"a.csv": mapText}), last, nil)
			m.Bridge, m.By, m.Program = "line-3", "anna", "1"
			list = append(list, m)
		}
		for _, m := range list {
			go func() { results <- r.remote.Publish(r.within(), m, entry) }()
		}
		won := 0
		for range list {
			var meanwhile *Meanwhile
			switch err := <-results; {
			case err == nil:
				won++
			case !errors.As(err, &meanwhile) || !strings.Contains(err.Error(), "somebody pushed revision"):
				t.Errorf("Publish = %v", err)
			}
		}
		now, _, err := r.remote.Newest(r.within())
		if won != 1 || err != nil || now.Number != round+1 {
			t.Errorf("round %d: %d won, the newest is %+v, %v", round, won, now, err)
		}
	}
	if list, err := r.remote.History(r.within()); err != nil || len(list) != 3 || list[0].Number != 3 {
		t.Errorf("History = %d, %v", len(list), err)
	}
}

// TestThousandsOfRevisions has a bucket keep so many of them, and no more.
func TestThousandsOfRevisions(t *testing.T) {
	r := newRemoteRig(t)
	m := r.push(r.content("a.csv", map[string]string{"a.csv": mapText}), nil)
	for n := range 2000 {
		m.Number, m.ID = n+10, newID()
		text, err := m.Append(nil)
		if err == nil {
			_, err = r.remote.kv.Put(r.within(), currentKey, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := r.remote.History(r.within())
	if err != nil || len(list) != keptRevisions || list[0].ID != m.ID {
		t.Errorf("History = %d, %v", len(list), err)
	}
	r.look()
	if s := r.follower.State(); s.Applied == nil || s.Applied.ID != m.ID {
		t.Errorf("%+v", s)
	}
}

// TestEmptied has a member refuse what begins anew, and whoever pushes next go on with the numbers that members have.
func TestEmptied(t *testing.T) {
	r := newRemoteRig(t)
	c := r.content("a.csv", map[string]string{"a.csv": mapText})
	r.push(c, func(m *Manifest) { m.Number = 41 })
	r.look()
	link := r.store.Current()
	for _, name := range []string{"KV_", "OBJ_"} {
		if err := link.JS.DeleteStream(r.within(), name+store.Revisions("line-3")); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			t.Fatal(err)
		}
	}
	var err error
	if r.remote, err = Open(r.within(), link, "line-3"); err != nil {
		t.Fatal(err)
	}
	r.again()
	r.push(c, nil)
	r.look()
	if s := r.follower.State(); !strings.Contains(s.Why, "was JetStream emptied? Push again") {
		t.Errorf("%+v", s)
	}
	members, err := r.remote.Reported(r.within())
	if err != nil {
		t.Fatal(err)
	}
	if m := Next(c, nil, members); m.Number != 42 {
		t.Errorf("the next one is %d, want 42", m.Number)
	}
}

// TestSweep has files go that no revision names, and those stay that one does.
func TestSweep(t *testing.T) {
	r := newRemoteRig(t)
	old := r.push(r.content("a.csv", map[string]string{"a.csv": mapText + "old,40002\n"}), nil)
	m := r.push(r.content("a.csv", map[string]string{"a.csv": mapText}), nil)
	if err := r.remote.Sweep(r.within(), []*Manifest{m}); err != nil || r.remote.Has(r.within(), old) != nil {
		t.Errorf("what is young is gone: %v", err)
	}
	if err := r.remote.sweep(r.within(), []*Manifest{m}, 0); err != nil {
		t.Fatal(err)
	}
	if there, err := r.remote.has(r.within(), old.Files[0]); err != nil || there {
		t.Errorf("the old map is there: %v, %v", there, err)
	}
	if err := r.remote.Has(r.within(), m); err != nil {
		t.Error(err)
	}
}

// TestLargeFile has a file of many pieces come through.
func TestLargeFile(t *testing.T) {
	r := newRemoteRig(t)
	large := mapText + strings.Repeat("# more of it\n", 1_000_000)
	r.push(r.content("a.csv", map[string]string{"a.csv": large}), nil)
	r.look()
	if s := r.follower.State(); s.Why != "" || r.read("a.csv") != large {
		t.Errorf("%+v, %d bytes", s, len(r.read("a.csv")))
	}
}
