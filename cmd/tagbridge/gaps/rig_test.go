package gaps

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// day is when the plants of the tests begin.
var day = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// at is a time of that day: "06:30", "06:30:05" or with parts of a second.
func at(text string) time.Time {
	for _, form := range []string{"15:04", "15:04:05", "15:04:05.999"} {
		if t, err := time.Parse(form, text); err == nil {
			return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
		}
	}
	panic(text)
}

// plant is a data directory that a test fills as a bridge would.
type plant struct {
	t       testing.TB
	dir     string
	j       *journal.Journal
	applied []Applied
	cfg     *config.Config
	groups  map[string][]*mapping.Group // by device, one for each period
	lines   strings.Builder
	now     time.Time
	running bool
}

// newPlant is one whose first configuration is that text.
func newPlant(t testing.TB, text string, maps ...string) *plant {
	p := &plant{t: t, dir: t.TempDir(), now: day}
	p.open()
	p.event(day, events.Event{Kind: events.Start, Text: "starting"})
	p.apply(day, text, maps...)
	return p
}

func (p *plant) open() {
	p.t.Helper()
	if p.j != nil {
		if err := p.j.Close(); err != nil {
			p.t.Fatal(err)
		}
	}
	var err error
	p.j, err = journal.Open(journal.Options{Dir: filepath.Join(p.dir, "journal"), Keep: 1000 * time.Hour, KeepSize: 1 << 30})
	if err != nil {
		p.t.Fatal(err)
	}
}

// two is a configuration of two devices; %s are the rows of their maps.
const two = `bridge: {name: b, data_dir: data, http: ""}
devices:
  - {name: boiler, driver: modbus, url: "tcp://192.0.2.1:502", poll: 1s, tags: [boiler.csv]}
  - {name: pump, driver: modbus, url: "tcp://192.0.2.2:502", poll: 1s, tags: [pump.csv]}
sinks:
  - {name: historian, type: file, path: "-"}
`

const (
	head       = "tag,address,poll,report,heartbeat\n"
	boilerRows = head + "temp,40001,,,\nflow,40002,,,\nslow,40003,10s,,\nstate,40004,,change,\n"
	pumpRows   = head + "speed,40001,,,\npower,40002,,,\n"
)

// apply has a configuration be in force from then on.
func (p *plant) apply(from time.Time, text string, maps ...string) {
	p.t.Helper()
	files := map[string]string{"/plant/b.yaml": text}
	for i := 0; i < len(maps); i += 2 {
		files["/plant/"+maps[i]] = maps[i+1]
	}
	cfg, problems := config.Load("/plant/b.yaml", config.Options{Files: source.Instead(func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, os.ErrNotExist
		}
		return []byte(text), nil
	})})
	if cfg == nil || problems.HasProblems() {
		p.t.Fatal(problems)
	}
	p.cfg = cfg
	p.applied = append(p.applied, Applied{Time: from.Add(time.Second), Load: func() *config.Config { return cfg }})
	p.groups = map[string][]*mapping.Group{}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		var periods []time.Duration
		for _, t := range d.Tags {
			if !slices.Contains(periods, t.Poll) {
				periods = append(periods, t.Poll)
			}
		}
		for _, period := range periods {
			g := mapping.Group{Bridge: "b", Device: d.Name}
			for _, t := range d.Tags {
				if t.Poll == period {
					g.Series = append(g.Series, &mapping.Series{Tag: t.Name, Field: t.Name, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}})
				}
			}
			p.groups[d.Name] = append(p.groups[d.Name], mapping.NewGroup(g))
		}
	}
}

// event writes a line of the events.
func (p *plant) event(t time.Time, e events.Event) {
	since := ""
	if !e.Since.IsZero() {
		since = fmt.Sprintf(`,"since":%q`, e.Since.Format(time.RFC3339Nano))
	}
	if !e.Heard.IsZero() {
		since += fmt.Sprintf(`,"heard":%q`, e.Heard.Format(time.RFC3339Nano))
	}
	fmt.Fprintf(&p.lines, `{"time":%q,"kind":%q,"device":%q,"tag":%q,"sink":%q,"text":%q,"by":""%s}`+"\n",
		t.Format(time.RFC3339Nano), e.Kind, e.Device, e.Tag, e.Sink, e.Text, since)
}

// sample appends a sample of each of the tags at that time; q is their quality.
func (p *plant) sample(t time.Time, device string, q mapping.Quality, tags ...string) {
	p.t.Helper()
	for _, g := range p.groups[device] {
		var b mapping.Batch
		b.Reset(g)
		for i, s := range g.Series {
			if !slices.Contains(tags, s.Tag) {
				continue
			}
			sample := mapping.Sample{Time: t.UnixNano(), Index: uint16(i), Kind: mapping.Int64, Quality: q}
			if q.IsBad() {
				sample.Kind = mapping.None
			}
			b.Samples = append(b.Samples, sample)
		}
		if len(b.Samples) > 0 {
			if err := p.j.Append(&b); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// online appends the bridge's own sample of a device.
func (p *plant) online(t time.Time, device string, online bool) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: device, Own: true, Series: []*mapping.Series{
		{Tag: "_online", Field: "online", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Bool}}}})
	s := mapping.Sample{Time: t.UnixNano(), Kind: mapping.Bool}
	if online {
		s.Bits = 1
	}
	if err := p.j.Append(&mapping.Batch{Group: g, Samples: []mapping.Sample{s}}); err != nil {
		p.t.Fatal(err)
	}
}

// run has every device be read until then, each tag when its poll is due, but for devices that are left out. Tags that
// report by change are read and have nothing to say.
func (p *plant) run(until time.Time, but ...string) {
	p.t.Helper()
	for ; p.now.Before(until); p.now = p.now.Add(time.Second) {
		for i := range p.cfg.Devices {
			d := &p.cfg.Devices[i]
			if slices.Contains(but, d.Name) {
				continue
			}
			var due []string
			for _, t := range d.Tags {
				if t.Report == mapping.ReportAll && p.now.Sub(day)%t.Poll == 0 && !slices.Contains(but, d.Name+"/"+t.Name) {
					due = append(due, t.Name)
				}
			}
			p.sample(p.now.Add(time.Duration(i)*7*time.Millisecond), d.Name, mapping.Good, due...)
		}
	}
}

// deliver has the sink get all that there is.
func (p *plant) deliver(sink string) {
	p.t.Helper()
	p.open() // what was appended is in the files, where sinks see it
	p.start(sink)
	if err := p.j.Ack(sink, p.j.End(), sinks.Dealt{}); err != nil {
		p.t.Fatal(err)
	}
}

// start has the sink begin at what comes now.
func (p *plant) start(sink string) { p.j.Start(sink, "now") }

// report is the account of what there is.
func (p *plant) report(q Query) *Report {
	p.t.Helper()
	p.open() // what was appended is in the files
	folder := events.Folder(p.dir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "0000000001.jsonl"), []byte(p.lines.String()), 0o600); err != nil {
		p.t.Fatal(err)
	}
	r, err := Account(context.Background(), Source{DataDir: p.dir, Applied: p.applied, Now: p.now, Running: p.running}, q)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// text is what of r tests compare: the reading side, a line an interval.
func (r *Report) text() string {
	var b strings.Builder
	for _, g := range r.Reading {
		tags := strings.Join(g.Tags, "+")
		if g.Tags == nil {
			tags = fmt.Sprint(g.Count)
		}
		end := g.Until.Format("15:04:05")
		if g.Goes {
			end += "…"
		}
		fmt.Fprintf(&b, "%s-%s %s/%s %s", g.Since.Format("15:04:05"), end, g.Device, tags, g.Reason)
		if g.Why != "" {
			fmt.Fprintf(&b, " (%s)", g.Why)
		}
		fmt.Fprintf(&b, " %d", g.Samples)
		if g.Times > 1 {
			fmt.Fprintf(&b, " ×%d", g.Times)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (p *plant) wants(r *Report, want ...string) {
	p.t.Helper()
	if got := r.text(); got != strings.Join(append(want, ""), "\n") {
		p.t.Errorf("told\n%s\nwant\n%s\n%s\nunknown: %q, notes: %q", got, strings.Join(want, "\n"), r.Verdict, r.Unknown, r.Notes)
	}
}
