package days

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// killRounds is how often the bridge is killed; TAGBRIDGE_KILLS says otherwise.
const killRounds = 8

// losing is a plant that is read faster than its journal can hold for long: db is down now and then and refuses a tag, nobody
// never takes anything.
type losing struct {
	*site
	units   []*plc.Unit
	servers []*plc.Server
	db      *influxd.Server
}

const manyTags = 240

func newLosing(t *testing.T) *losing {
	p := &losing{site: newSite(t)}
	var url string
	p.db, url = testrig.Influx(t, influxd.Options{Keep: influxd.KeepTimes})
	nobody, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nobody.Refuse()
	var many strings.Builder
	many.WriteString("tag,address,type\n")
	for i := range manyTags {
		fmt.Fprintf(&many, "t%d,holding:%d,float64\n", i, 4*i)
	}
	p.write("many.csv", many.String())
	p.write("few.csv", "tag,address,type\nfine,holding:0,int16\nodd,holding:1,int16\n")
	var devices strings.Builder
	for i, tags := range []string{"many", "few"} {
		u := plc.NewUnit(plc.UnitOptions{Seed: uint64(i), Log: 1})
		registers := make([]uint16, 4*manyTags)
		for r := range registers {
			registers[r] = uint16(r * 7919)
		}
		if err := u.Set(mapping.Holding, 0, registers...); err != nil {
			t.Fatal(err)
		}
		s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}, Silent: true})
		p.units, p.servers = append(p.units, u), append(p.servers, s)
		fmt.Fprintf(&devices, "  - {name: %s, driver: modbus, url: \"tcp://%s\", poll: 10ms, timeout: 200ms, retries: 0, tags: [%s.csv]}\n", tags, s.Addr(), tags)
	}
	p.write("plant.yaml", fmt.Sprintf(`
bridge: {name: kill, data_dir: data, http: "", journal: {max_size: 1MiB, sync: 50ms}}
devices:
%ssinks:
  - {name: db, type: influxdb, url: %q, org: o, bucket: b, precision: ns, flush: 20ms, batch: 2000}
  - {name: nobody, type: influxdb, url: "http://%s", org: o, bucket: b, precision: ns}
`, devices.String(), url, nobody.Addr()))
	return p
}

// trouble decides how the plant behaves during the next run.
func (p *losing) trouble(chance *rand.Rand) {
	p.db.Always(influxd.Step{})
	if chance.IntN(4) > 0 {
		p.db.Always(influxd.Step{Status: http.StatusServiceUnavailable})
	}
	p.db.Refuse("odd")
	for _, u := range p.units {
		u.ClearFaults()
	}
	switch chance.IntN(3) {
	case 0:
		p.units[1].Inject(plc.Fault{Kind: plc.Silence, OneIn: 1 + chance.IntN(10)})
	case 1:
		p.units[1].Inject(plc.Fault{Kind: plc.Exception, First: 0, Count: 1, Code: 2})
	}
}

// folder is what the journal's folder says of each sink.
func (p *losing) folder() (sum journal.Summary, books map[string][]journal.Loss) {
	p.t.Helper()
	in, err := journal.Inspect(p.path("data/journal"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer in.Close()
	if sum, err = in.Summary(); err != nil {
		p.t.Fatal(err)
	}
	books = map[string][]journal.Loss{}
	for _, k := range sum.Sinks {
		if k.Err != nil {
			p.t.Fatalf("sink %s: %v", k.Sink, k.Err)
		}
		if books[k.Sink], err = in.Losses(k.Sink); err != nil {
			p.t.Fatal(err)
		}
	}
	return sum, books
}

// check sees that every position since each sink is there is accounted for, that the book has what the position implies, and
// that nothing that was known before is forgotten. What waited then may be lost now, although it is older than what was.
func (p *losing) check(round int, before map[string]sinks.Ever) map[string]sinks.Ever {
	p.t.Helper()
	sum, books := p.folder()
	now := map[string]sinks.Ever{}
	for _, k := range sum.Sinks {
		e := k.Ever
		now[k.Sink] = e
		lost := uint64(0)
		for _, l := range e.Lost {
			lost += l.Samples
		}
		if got, want := e.Delivered+e.Rejected+lost+k.Behind, uint64(sum.End-e.Start); got != want {
			p.t.Errorf("kill %d, sink %s: %d are accounted for of %d: %+v, %d wait, at %d", round, k.Sink, got, want, e, k.Behind, k.Pos)
		}
		was, known := before[k.Sink]
		if known && (!e.Since.Equal(was.Since) || e.Delivered < was.Delivered || e.Rejected < was.Rejected) {
			p.t.Errorf("kill %d, sink %s: %+v, before %+v", round, k.Sink, e, was)
		}
		for why, l := range was.Lost {
			if e.Lost[why].Samples < l.Samples || e.Lost[why].First.After(l.First) || e.Lost[why].Last.Before(l.Last) {
				p.t.Errorf("kill %d, sink %s lost %+v by %s, before %+v", round, k.Sink, e.Lost[why], why, l)
			}
		}
		for i, l := range books[k.Sink] {
			if l.From >= l.To || i > 0 && l.From < books[k.Sink][i-1].To || l.To > sum.End || l.Samples > uint64(l.To-l.From) ||
				l.Reason == "size" && (l.First.IsZero() || l.Last.Before(l.First)) || l.Noted.After(time.Now()) {
				p.t.Errorf("kill %d, sink %s: the book says %+v", round, k.Sink, l)
			}
		}
	}
	p.checkNext(round, sum)
	return now
}

// checkNext has a journal open a copy of the folder, as the next start does: it goes on with the figures that the folder
// tells of, and its books have every loss.
func (p *losing) checkNext(round int, sum journal.Summary) {
	p.t.Helper()
	dir := p.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(p.path("data/journal"))); err != nil {
		p.t.Fatal(err)
	}
	j, err := journal.Open(journal.Options{Dir: dir, MaxSize: 1 << 20})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, k := range sum.Sinks {
		j.Start(k.Sink, "now")
	}
	next := j.Stat()
	if err := j.Close(); err != nil {
		p.t.Error(err)
	}
	in, err := journal.Inspect(dir)
	if err != nil {
		p.t.Fatal(err)
	}
	defer in.Close()
	for i, k := range sum.Sinks {
		book, err := in.Losses(k.Sink)
		if err != nil {
			p.t.Fatal(err)
		}
		inBook, lost := uint64(0), uint64(0)
		first := map[string]time.Time{}
		for _, l := range book {
			inBook += l.Samples
			if f := first[l.Reason]; f.IsZero() || !l.First.IsZero() && l.First.Before(f) {
				first[l.Reason] = l.First
			}
		}
		for why, l := range next[i].Ever.Lost {
			lost += l.Samples
			if !l.First.Equal(first[why]) {
				p.t.Errorf("kill %d, sink %s: the next start says %+v are lost by %s, in the book the oldest is of %v", round, k.Sink, l, why, first[why])
			}
			if was := k.Ever.Lost[why]; was.Samples != l.Samples {
				p.t.Errorf("kill %d, sink %s: the next start says %+v are lost by %s, the folder said %+v", round, k.Sink, l, why, was)
			}
		}
		if n := next[i]; n.Sink != k.Sink || n.Samples != k.Behind || n.Ever.Dealt != k.Ever.Dealt || !n.Ever.Since.Equal(k.Ever.Since) {
			p.t.Errorf("kill %d, sink %s: the next start says %+v, the folder said %+v", round, k.Sink, n, k)
		}
		if inBook != lost {
			p.t.Errorf("kill %d, sink %s: the book of the next start has %d, %d are lost", round, k.Sink, inBook, lost)
		}
	}
}

// TestKillWhileLosing kills the bridge at random moments while samples are lost and refused, and events happen: no loss that
// a sink's position implies is missing in its book, and no line is read that was not written whole.
func TestKillWhileLosing(t *testing.T) {
	t.Parallel()
	const seed = 17
	chance := rand.New(rand.NewPCG(seed, 0))
	p := newLosing(t)
	p.db.Always(influxd.Step{Status: http.StatusServiceUnavailable})
	b := p.start()
	p.await("losses", func() bool {
		if _, err := os.Stat(p.path("data/journal/nobody.losses")); err != nil {
			return false
		}
		_, books := p.folder()
		return len(books["nobody"]) > 0
	})
	b.kill()
	known := p.check(0, nil)
	n := times(t, "TAGBRIDGE_KILLS", killRounds)
	for i := range n {
		p.trouble(chance)
		b := p.start()
		asked := p.units[0].Asked()
		if i%3 > 0 {
			want := asked + 1 + chance.IntN(200)
			p.await("polls", func() bool { return p.units[0].Asked() >= want })
		}
		wait := time.NewTimer(time.Duration(chance.IntN(300)) * time.Millisecond)
		<-wait.C
		b.kill()
		known = p.check(i+1, known)
		if t.Failed() {
			return
		}
	}
	p.db.Always(influxd.Step{})
	for _, s := range p.servers {
		s.Refuse()
	}
	b = p.start()
	p.await("the backlog of db to be delivered", func() bool {
		sum, _ := p.folder()
		for _, k := range sum.Sinks {
			if k.Sink == "db" {
				return k.Behind == 0
			}
		}
		return false
	})
	b.stop()
	known = p.check(n+1, known)
	p.checkStored(known["db"], n)
	p.checkEvents(n)
}

// checkStored compares what db has with what the journal says that it has got: a kill between the two leaves a batch more.
func (p *losing) checkStored(e sinks.Ever, kills int) {
	p.t.Helper()
	stored := uint64(p.db.Distinct(func(_, field string) bool { return !strings.HasSuffix(field, ".quality") }))
	p.t.Logf("%d values stored, %d samples delivered, %d refused, lost %+v", stored, e.Delivered, e.Rejected, e.Lost)
	if c := p.db.Count(); c.Changed != 0 || c.Malformed != 0 {
		p.t.Errorf("db counted %+v", c)
	}
	if stored > e.Delivered+uint64(kills+1)*20_000 || e.Rejected == 0 || e.Lost["size"].Samples == 0 {
		p.t.Errorf("%d values are stored, the journal says %+v", stored, e)
	}
	lines := uint64(0)
	files, _ := filepath.Glob(p.path("data/rejected/db/*.jsonl"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			p.t.Fatal(err)
		}
		lines += uint64(strings.Count(string(text), "\n"))
	}
	if kept := e.Rejected - e.Rotated - e.Unwritable; lines < kept {
		p.t.Errorf("%d lines of refused samples are kept, the journal says %d", lines, kept)
	}
}

// checkEvents wants each line but the last of a run to be whole, and a start of each run that says how the one before ended.
func (p *losing) checkEvents(kills int) {
	p.t.Helper()
	r := events.NewReader(events.Folder(p.path("data")))
	starts := 0
	kinds := map[events.Kind]int{}
	err := r.Next(events.Query{}, func(e *events.Event) bool {
		kinds[e.Kind]++
		if e.Kind == events.Start {
			if starts++; starts > 1 && !strings.Contains(e.Text, "killed") {
				p.t.Errorf("start %d says %q", starts, e.Text)
			}
		}
		return true
	})
	p.t.Logf("events: %v", kinds)
	if err != nil || r.Damaged > kills || starts < kills/3 || kinds[events.Dropped] == 0 || kinds[events.Rejected] == 0 {
		p.t.Errorf("%d starts, %d damaged, %v, %v", starts, r.Damaged, kinds, err)
	}
}
