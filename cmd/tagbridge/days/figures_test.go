package days

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/testrig/influxd"
)

// figures are those of one sink.
type figures struct {
	Sink      string
	Since     *time.Time
	Delivered uint64
	Rejected  uint64 // kept aside
	Refused   uint64 // all that was
	Dropped   uint64
	Behind    uint64 `json:"behind_samples"`
	Losses    []loss
}

type loss struct {
	Reason      string
	Samples     uint64
	First, Last *time.Time
}

func (f figures) String() string {
	text := fmt.Sprintf("delivered %d, rejected %d, dropped %d, behind %d, since %s", f.Delivered, f.Rejected, f.Dropped, f.Behind, moment(f.Since))
	for _, l := range f.Losses {
		text += fmt.Sprintf("; %d by %s from %s to %s", l.Samples, l.Reason, moment(l.First), moment(l.Last))
	}
	return text
}

func moment(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format("15:04:05.000000")
}

// byName are the figures of each sink.
func byName(list []figures) map[string]figures {
	by := map[string]figures{}
	for _, f := range list {
		by[f.Sink] = f
	}
	return by
}

// stat is what the folder says, in figures.
func (p *plant) stat() map[string]figures {
	p.t.Helper()
	var s struct{ Sinks []figures }
	p.verb(&s, []int{0}, "journal", "stat", "data", "--json")
	return byName(s.Sinks)
}

// gapsSay is what gaps says of each sink.
func (p *plant) gapsSay() map[string]gaps.Sink {
	p.t.Helper()
	var r gaps.Report
	p.verb(&r, []int{0, 1}, "gaps", "plant.yaml", "--json")
	by := map[string]gaps.Sink{}
	for _, s := range r.Sinks {
		by[s.Sink] = s
	}
	return by
}

// checkGaps wants gaps to say what f says.
func (p *plant) checkGaps(f figures, g gaps.Sink) {
	p.t.Helper()
	if g.Waiting+g.OnTheWay != f.Behind || g.Dropped != f.Dropped || g.Rejected != f.Rejected || g.Error != "" {
		p.t.Errorf("%s: gaps says %d wait, %d on the way, %d dropped, %d rejected %s, the others %v",
			f.Sink, g.Waiting, g.OnTheWay, g.Dropped, g.Rejected, g.Error, f)
	}
}

// checkFolder wants what the bridge said at its stop, what its folder says, and what gaps does to be the same.
func (p *plant) checkFolder(b *process) map[string]figures {
	p.t.Helper()
	said, log := p.stat(), b.said()
	told := p.gapsSay()
	for _, f := range said {
		begin := fmt.Sprintf(`msg="samples are left for the next start" sink=%s behind=`, f.Sink)
		_, rest, left := strings.Cut(log, begin)
		number, _, _ := strings.Cut(rest, "\n")
		if left && number != fmt.Sprint(f.Behind) || !left && f.Behind > 0 {
			p.t.Errorf("the folder says that %d wait for %s, the log of the stop:\n%s", f.Behind, f.Sink, log[max(0, len(log)-3000):])
		}
		p.checkGaps(f, told[f.Sink])
	}
	return said
}

// live is what the API says, once it stands still: all places are asked in between, and must say the same. before is what
// the folder said when the process was started: the counters of metrics are those of the process.
func (p *plant) live(before map[string]figures) map[string]figures {
	p.t.Helper()
	var said map[string]figures
	p.await("figures that stand still", func() bool {
		var list, again []figures
		var metrics string
		var status struct{ Sinks []figures }
		p.get("/api/v1/sinks", &list)
		said = byName(list)
		p.get("/metrics", &metrics)
		p.verb(&status, []int{0, 1}, "status", "plant.yaml", "--json")
		stat, told := p.stat(), p.gapsSay()
		p.get("/api/v1/sinks", &again)
		if fmt.Sprint(list) != fmt.Sprint(again) {
			return false
		}
		counted, shown := metricsOf(metrics), byName(status.Sinks)
		for _, f := range list {
			p.checkGaps(f, told[f.Sink])
			if s := stat[f.Sink]; s.String() != f.String() {
				p.t.Errorf("%s: the API says %v\njournal stat %v", f.Sink, f, s)
			}
			s := shown[f.Sink]
			s.Since = f.Since // which it does not show
			if s.String() != f.String() {
				p.t.Errorf("%s: the API says %v\nstatus %v", f.Sink, f, s)
			}
			was := before[f.Sink]
			for name, want := range map[string]uint64{
				"delivered_total": f.Delivered - was.Delivered, "dropped_total": f.Dropped - was.Dropped, "behind_samples": f.Behind,
			} {
				if n := counted["tagbridge_sink_"+name+" "+f.Sink]; n != want {
					p.t.Errorf("%s: metrics say %s is %d, and the API makes it %d: %v, before %v", f.Sink, name, n, want, f, was)
				}
			}
		}
		return true
	})
	return said
}

// metricsOf are the sums of the metrics of each sink, by "name sink".
func metricsOf(text string) map[string]uint64 {
	sums := map[string]uint64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), "{")
		_, sink, ok := strings.Cut(rest, `sink="`)
		at := strings.LastIndexByte(rest, ' ')
		if v, err := strconv.ParseFloat(rest[at+1:], 64); ok && err == nil {
			sink, _, _ = strings.Cut(sink, `"`)
			sums[name+" "+sink] += uint64(v)
		}
	}
	return sums
}

// TestFiguresAgreeEverywhere has a sink lose and refuse samples, and the bridge stop, be killed, find its disk full and start
// again: at every step the stop's log, journal stat, the API, metrics, status, gaps and the next start say the same.
func TestFiguresAgreeEverywhere(t *testing.T) {
	t.Parallel()
	p := newPlant(t, true)
	defer p.keep("figures")
	quiet := func(yes bool) {
		for _, s := range p.servers {
			if yes {
				s.Refuse()
			} else if err := s.Accept(); err != nil {
				t.Fatal(err)
			}
		}
	}
	one := func() (f figures) {
		var list []figures
		p.get("/api/v1/sinks", &list)
		return byName(list)["db"]
	}
	b := p.again()
	p.db.Refuse("t1")
	p.await("a refusal", func() bool { return one().Refused > 0 })
	p.db.Always(influxd.Step{Status: http.StatusServiceUnavailable})
	p.await("losses", func() bool { return one().Dropped > 1000 })
	quiet(true)
	said := p.live(nil)
	p.endRun(b, false)
	p.goesOn("a stop", said, p.stat())

	before := p.stat()
	b = p.again()
	said = p.live(before)
	p.goesOn("a start", before, said)
	quiet(false)
	asked := p.units[bulk].Asked()
	p.await("polls", func() bool { return p.units[bulk].Asked() > asked+50 })
	p.endRun(b, true)
	quiet(true)
	p.goesOn("a kill", said, p.stat())

	before = p.stat()
	b = p.again()
	said = p.live(before)
	p.goesOn("a start after a kill", before, said)
	p.fill()
	quiet(false)
	asked = p.units[bulk].Asked()
	p.await("polls on a full disk", func() bool { return p.units[bulk].Asked() > asked+50 })
	quiet(true)
	said = p.live(before)
	p.endRun(b, false)
	p.goesOn("a stop on a full disk", said, p.stat())
	p.free()

	before = p.stat()
	b = p.again()
	said = p.live(before)
	p.goesOn("a start after that", before, said)
	p.db.Always(influxd.Step{})
	p.await("the backlog to be delivered", func() bool { return one().Behind == 0 })
	p.live(before)
	p.endRun(b, false)
	if db := p.stat()["db"]; db.Behind != 0 || db.Rejected == 0 || db.Dropped == 0 {
		t.Errorf("in the end %v", db)
	}
}

// goesOn wants nothing that was said to be forgotten.
func (p *plant) goesOn(what string, was, is map[string]figures) {
	p.t.Helper()
	for name, f := range was {
		n := is[name]
		if n.Delivered < f.Delivered || n.Rejected < f.Rejected || n.Dropped < f.Dropped || moment(n.Since) != moment(f.Since) ||
			n.Delivered+n.Rejected+n.Dropped+n.Behind < f.Delivered+f.Rejected+f.Dropped+f.Behind {
			p.t.Errorf("%s: after %s %v\nbefore it %v", name, what, n, f)
		}
	}
}
