package mqtt

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// keptRig is a broker, and sinks that run one after the other and keep in one file what they have told.
type keptRig struct {
	t    *testing.T
	f    *fake
	file string
	log  bytes.Buffer
}

func newKeptRig(t *testing.T) *keptRig {
	return &keptRig{t: t, f: newFake(t), file: filepath.Join(t.TempDir(), "discovery", "house")}
}

// run has a sink be sent v, or only look what is to be taken back, and end. It returns which topics were taken back, and which told.
func (r *keptRig) run(v *sinks.View, change func(*Options)) (back, told []string) {
	r.t.Helper()
	n := r.f.count()
	h := openHome(r.t, r.f.addr(), func(o *Options) {
		o.Discovery.File, o.Discovery.Bridge = r.file, "line-3"
		o.Logger = slog.New(slog.NewTextHandler(&r.log, nil))
		if change != nil {
			change(o)
		}
	})
	h.home.sweeps = time.Time{}
	if v != nil {
		send(r.t, h, v)
	} else if err := h.Tend(patience(r.t)); err != nil {
		r.t.Fatal(err)
	}
	h.Close()
	all, order := r.f.told(n)
	for _, topic := range order {
		if all[topic].payload == "" {
			back = append(back, topic)
		} else {
			told = append(told, topic)
		}
		if !all[topic].retain {
			r.t.Errorf("%s is not retained", topic)
		}
	}
	slices.Sort(back)
	slices.Sort(told)
	return back, told
}

func without(gone ...string) func(*Options) {
	return func(o *Options) {
		o.Discovery.Lookup = func(_, tag string) Known { return Known{There: !slices.Contains(gone, tag)} }
	}
}

// TestHomeTakesBackWhatWasRemoved has tags be gone since the bridge was off: theirs is taken back, once, without a sample; tags that were
// not read yet stay.
func TestHomeTakesBackWhatWasRemoved(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		r := newKeptRig(t)
		five := func(change func(*Options)) func(*Options) {
			return func(o *Options) { o.Version = version; change(o) }
		}
		_, told := r.run(housed(house(), mapping.Good), five(without()))
		back, _ := r.run(nil, five(without("door", "supply", "later")))
		node := homeID("line-3", "heat pump")
		want := []string{"ha/binary_sensor/" + node + "/door/config", "ha/sensor/" + node + "/supply/config"}
		if !slices.Equal(back, want) || !slices.Contains(told, want[0]) {
			t.Errorf("took back %q, want %q of %q", back, want, told)
		}
		n := r.f.count()
		if back, told := r.run(nil, five(without("door", "supply", "later"))); len(back)+len(told) > 0 || n == 0 {
			t.Errorf("once more: took back %q, told %q", back, told)
		}
		if r.log.Len() > 0 {
			t.Errorf("log:\n%s", &r.log)
		}
	})
}

// TestHomeTakesBackWhatIsToldOtherwise has the prefix, the name of the bridge and the topic of its state be others than before, and
// discovery be switched off: all that was told is taken back, and what is told now is not.
func TestHomeTakesBackWhatIsToldOtherwise(t *testing.T) {
	renamed := func() *mapping.Group {
		g := *house()
		g.Bridge = "line-4"
		return mapping.NewGroup(g)
	}
	for _, c := range []struct {
		name   string
		group  *mapping.Group
		change func(*Options)
		back   int // of 13 that are told
		told   int
	}{
		{"prefix", house(), func(o *Options) { o.Discovery.Prefix = "hb" }, 13, 13},
		{"bridge", renamed(), func(o *Options) { o.Discovery.Bridge = "line-4" }, 13, 13},
		{"state", house(), func(o *Options) { o.StateTopic = "other" }, 1, 13},
		{"no state", house(), func(o *Options) { o.StateTopic = "" }, 1, 12},
		{"template", house(), func(o *Options) { o.Topic = topic("other/{device}/{tag}") }, 0, 13},
		{"off", house(), func(o *Options) { o.Discovery.Prefix = "" }, 13, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newKeptRig(t)
			_, before := r.run(housed(house(), mapping.Good), nil)
			back, told := r.run(housed(c.group, mapping.Good), c.change)
			if len(back) != c.back || len(told) != c.told {
				t.Errorf("took back %d, told %d, want %d, %d", len(back), len(told), c.back, c.told)
			}
			for _, topic := range back {
				if slices.Contains(told, topic) || !slices.Contains(before, topic) {
					t.Errorf("%s was taken back", topic)
				}
			}
			if back, _ := r.run(housed(c.group, mapping.Good), c.change); len(back) > 0 {
				t.Errorf("once more: took back %q", back)
			}
			if _, err := os.Stat(r.file); (err == nil) != (c.told > 0) {
				t.Errorf("the file: %v", err)
			}
		})
	}
}

// TestHomeChangesKindMeanwhile has a tag become another kind of entity while the bridge is off.
func TestHomeChangesKindMeanwhile(t *testing.T) {
	r := newKeptRig(t)
	of := func(kind mapping.Kind) *sinks.View {
		return housed(mapping.NewGroup(mapping.Group{Bridge: "line-3", Device: "d", Series: []*mapping.Series{
			{Tag: "t", SeriesTraits: &mapping.SeriesTraits{Kind: kind}},
		}}), mapping.Good)
	}
	r.run(of(mapping.Int), nil)
	if back, _ := r.run(of(mapping.Bool), nil); !slices.Equal(back, []string{"ha/sensor/line-3__d/t/config"}) {
		t.Errorf("took back %q", back)
	}
}

// TestHomeFilesThatAreNotIts takes nothing back by a file that is damaged, or of another broker, and says so.
func TestHomeFilesThatAreNotIts(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func([]byte) []byte
		log    int
	}{
		{"one bit", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, 1},
		{"cut", func(b []byte) []byte { return b[:len(b)/2] }, 1},
		{"empty", func([]byte) []byte { return nil }, 1},
		{"no line", func([]byte) []byte { return []byte("discovery 1 00000000 broker") }, 1},
		{"another broker", func(b []byte) []byte { return bytes.Replace(b, []byte("127.0.0.1:"), []byte("127.0.0.2:"), 1) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newKeptRig(t)
			r.run(housed(house(), mapping.Good), nil)
			text, err := os.ReadFile(r.file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(r.file, c.damage(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if back, told := r.run(housed(house(), mapping.Good), without("door")); len(back) > 0 || len(told) != 13 {
				t.Errorf("took back %q, told %q", back, told)
			}
			if got := strings.Count(r.log.String(), "\n"); got != c.log {
				t.Errorf("%d lines:\n%s", got, &r.log)
			}
			if back, _ := r.run(nil, without("door", "supply")); len(back) != 2 {
				t.Errorf("by the new file: took back %q", back)
			}
		})
	}
}

// TestHomeIsKeptFirst has the file know of a topic before the broker does, whenever the bridge is killed.
func TestHomeIsKeptFirst(t *testing.T) {
	r := newKeptRig(t)
	r.f.on(func(p published) (int, bool) {
		if text, err := os.ReadFile(r.file); strings.HasSuffix(p.topic, "/config") && (err != nil || !bytes.Contains(text, []byte(p.topic))) {
			t.Errorf("%s is not in the file: %v", p.topic, err)
		}
		return 0, false
	})
	if _, told := r.run(housed(house(), mapping.Good), nil); len(told) != 13 {
		t.Errorf("told %q", told)
	}
}

// TestHomeCannotKeep has a disk that takes nothing: all is delivered and told, and the log says so once.
func TestHomeCannotKeep(t *testing.T) {
	r := newKeptRig(t)
	if err := os.WriteFile(filepath.Dir(r.file), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, told := r.run(housed(house(), mapping.Good), nil); len(told) != 13 {
			t.Errorf("told %q", told)
		}
	}
	if got := strings.Count(r.log.String(), "cannot be kept"); got != 2 {
		t.Errorf("%d lines of two sinks:\n%s", got, &r.log)
	}
}

// TestKeptIsBounded keeps as many topics as there may be, and goes on.
func TestKeptIsBounded(t *testing.T) {
	k := keptTopics{path: "x", broker: "b:1", topics: map[string]keptTopic{}}
	for i := range maxKept + 10 {
		topic := fmt.Sprint("p/", i, "/config")
		k.add(&homeConfig{topic: topic, of: keptTopic{Topic: topic}})
	}
	if len(k.topics) != maxKept {
		t.Errorf("%d topics", len(k.topics))
	}
}
