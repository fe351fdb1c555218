package gaps

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
	"tagbridge/sinks/journal"
)

// lose writes what a sink has lost into its book.
func (p *plant) lose(sink string, list ...journal.Loss) {
	p.t.Helper()
	var text strings.Builder
	for _, l := range list {
		line, err := json.Marshal(struct {
			From    sinks.Pos `json:"from"`
			To      sinks.Pos `json:"to"`
			Samples uint64    `json:"samples"`
			Reason  string    `json:"reason"`
			First   time.Time `json:"first,omitzero"`
			Last    time.Time `json:"last,omitzero"`
			Noted   time.Time `json:"noted"`
		}{l.From, l.To, l.Samples, l.Reason, l.First, l.Last, l.Noted})
		if err != nil {
			p.t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s\t%08x\n", line, crc32.Checksum(line, crc32.MakeTable(crc32.Castagnoli)))
	}
	if err := os.WriteFile(filepath.Join(p.dir, "journal", sink+".losses"), []byte(text.String()), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// refuse keeps samples of a tag aside, one a second.
func (p *plant) refuse(sink string, from, until time.Time, device, tag, reason string) {
	p.t.Helper()
	dir := filepath.Join(p.dir, "rejected", sink)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "00000001.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	var text []byte
	var object encode.JSON
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: device, Series: []*mapping.Series{
		{Tag: tag, Field: tag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}}}})
	for ; from.Before(until); from = from.Add(time.Second) {
		b := mapping.Batch{Group: g, Samples: []mapping.Sample{{Time: from.UnixNano(), Kind: mapping.Int64}}}
		text = object.AppendRejected(text, &b, 0, reason)
	}
	if _, err := f.Write(text); err != nil {
		p.t.Fatal(err)
	}
}

// deliveries is what of a sink tests compare.
func (s *Sink) deliveries() string {
	var b strings.Builder
	for _, d := range s.Missing {
		fmt.Fprintf(&b, "%s-%s %s %d %s %v\n", d.Since.Format("15:04:05"), d.Until.Format("15:04:05"), d.State, d.Samples, d.Why, d.Of)
	}
	return b.String()
}

func TestDeliveries(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.deliver("historian")
	p.run(at("06:11"))
	p.refuse("historian", at("06:01"), at("06:02"), "boiler", "temp", "field type conflict")
	p.refuse("historian", at("06:01"), at("06:02"), "boiler", "flow", "field type conflict")
	p.refuse("historian", at("06:08"), at("06:09"), "boiler", "temp", "field type conflict")
	p.refuse("historian", at("06:08"), at("06:08:30"), "pump", "speed", "\x1b[2Jno")
	end := p.j.End()
	p.report(Query{})
	p.lose("historian",
		journal.Loss{From: end + 1, To: end + 11, Samples: 10, Reason: "size", First: at("06:03"), Last: at("06:04"), Noted: at("06:04")},
		journal.Loss{From: end + 20, To: end + 25, Samples: 5, Reason: "damage", Noted: at("06:04")})
	r := p.report(Query{})
	want := "00:00:00-00:00:00 dropped 5 damage []\n" +
		"06:01:00-06:01:59 rejected 120 field type conflict [boiler/flow boiler/temp]\n" +
		"06:03:00-06:04:00 dropped 10 size []\n" +
		"06:08:00-06:08:29 rejected 30 \x1b[2Jno [pump/speed]\n" +
		"06:08:00-06:08:59 rejected 60 field type conflict [boiler/temp]\n" +
		fmt.Sprintf("06:10:00-06:10:59 waiting %d  []\n", r.Sinks[0].Waiting)
	if got := r.Sinks[0].deliveries(); got != want || r.Sinks[0].Waiting != 231 {
		t.Errorf("told\n%swant\n%s", got, want)
	}
	if !strings.HasPrefix(r.Verdict, "historian: 231 samples waiting, 15 samples lost, 210 samples refused of what was read since 1 March 06:00") {
		t.Error(r.Verdict)
	}
	r = p.report(Query{Since: at("06:05"), Until: at("06:08:10")})
	want = "00:00:00-00:00:00 dropped 5 damage []\n" +
		"06:08:00-06:08:09 rejected 10 field type conflict [boiler/temp]\n" +
		"06:08:00-06:08:09 rejected 10 \x1b[2Jno [pump/speed]\n"
	if got := r.Sinks[0].deliveries(); got != want {
		t.Errorf("of three minutes told\n%swant\n%s", got, want)
	}
}

// TestSinksComeAndGo has a sink that is not in the configuration any more, and one that is and has not begun.
func TestSinksComeAndGo(t *testing.T) {
	p := twoPlants(t)
	p.start("old")
	p.run(at("06:10"))
	p.event(at("06:10"), startAgain)
	p.apply(at("06:10"), strings.Replace(two, "historian", "new", 1), "boiler.csv", boilerRows, "pump.csv", pumpRows)
	p.run(at("06:11"))
	r := p.report(Query{})
	if len(r.Sinks) != 3 || r.Sinks[0].Sink != "new" || !r.Sinks[1].Removed || !r.Sinks[2].Removed || r.Missing {
		t.Errorf("%+v", r)
	}
	if r.Verdict != "new has not begun; no gap in reading" {
		t.Error(r.Verdict)
	}
}

// TestUnreadable takes away in turn what the account is made from: it is said, and nothing is well then.
func TestUnreadable(t *testing.T) {
	for _, c := range []struct {
		name, path string
		text       string
	}{
		{"cursor", "journal/historian.cursor", "nonsense"},
		{"rejected", "rejected/historian/00000001.jsonl", "{}\n"},
		{"events", "events/0000000001.jsonl", "{\"time\":\"2026-03-01T06:00:00Z\",\"kind\":\"start\"}\nnonsense\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := twoPlants(t)
			p.run(at("06:10"))
			p.deliver("historian")
			p.report(Query{})
			if err := os.MkdirAll(filepath.Dir(filepath.Join(p.dir, c.path)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(p.dir, c.path), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Account(t.Context(), Source{DataDir: p.dir, Applied: p.applied, Now: p.now}, Query{})
			if err != nil {
				t.Fatal(err)
			}
			if !r.Incomplete || len(r.Unknown) < 2 || !strings.HasSuffix(r.Verdict, "not everything could be read") {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestLossesOfSeveralReasons has losses of two reasons be within each other's times, the clock set back in one of them, and
// asks for a time within.
func TestLossesOfSeveralReasons(t *testing.T) {
	p := twoPlants(t)
	p.run(at("06:10"))
	p.deliver("historian")
	end := p.j.End()
	p.report(Query{})
	p.lose("historian",
		journal.Loss{From: end + 1, To: end + 11, Samples: 10, Reason: "size", First: at("06:09"), Last: at("06:03"), Noted: at("06:04")},
		journal.Loss{From: end + 11, To: end + 16, Samples: 5, Reason: "age", First: at("06:04"), Last: at("06:08"), Noted: at("06:04")},
		journal.Loss{From: end + 16, To: end + 20, Samples: 4, Reason: "size", First: at("06:05"), Last: at("06:06"), Noted: at("06:04")})
	want := "06:03:00-06:09:00 dropped 10 size []\n06:04:00-06:08:00 dropped 5 age []\n06:05:00-06:06:00 dropped 4 size []\n"
	for _, q := range []Query{{}, {Since: at("06:05:30"), Until: at("06:06")}} {
		if got := p.report(q).Sinks[0].deliveries(); got != want {
			t.Errorf("%+v: told\n%swant\n%s", q, got, want)
		}
	}
}
