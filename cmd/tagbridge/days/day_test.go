package days

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/testrig/influxd"
)

// onePoll is how far the ends of what is told may be from what happened: a poll, and what a busy machine takes for it.
func onePoll(device string) int64 { return int64(period + 150*time.Millisecond) }

// told is what gaps says of one tag.
type told struct {
	span
	*gaps.Reading
}

// noted is how long it takes at most until it is noted on a full disk that a device went offline.
const noted = int64(1500 * time.Millisecond)

// toldOf are the intervals of each tag.
func toldOf(r *gaps.Report, tr truth) map[string][]told {
	by := map[string][]told{}
	for i := range r.Reading {
		g := &r.Reading[i]
		s := span{g.Since.UnixNano(), g.Until.UnixNano()}
		for name := range tr.tags {
			device, tag, _ := strings.Cut(name, "/")
			if (g.Device == "" || g.Device == device) && (len(g.Tags) == 0 || slices.Contains(g.Tags, tag)) {
				by[name] = append(by[name], told{s, g})
			}
		}
	}
	return by
}

// checkReading compares what gaps tells of reading with what happened.
func (p *plant) checkReading(r *gaps.Report, tr truth) {
	p.t.Helper()
	all := toldOf(r, tr)
	known := r.Samples.UnixNano()
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range tr.tags {
			if !yield(name) {
				return
			}
		}
	}) {
		if p.t.Failed() {
			return // others will say the same
		}
		device, _, _ := strings.Cut(name, "/")
		poll := onePoll(device)
		until := min(tr.last, r.Until.UnixNano())
		for _, h := range holes(tr.tags[name], tr.tags[name][0].time, until) {
			if h.to-h.from >= 3*int64(period)+int64(100*time.Millisecond) {
				p.isTold(name, h, all[name], known, poll)
			}
		}
		for _, g := range all[name] {
			p.isThere(name, g, tr.tags[name], poll)
		}
	}
}

// isTold wants a hole to be told of whole, and with its reasons.
func (p *plant) isTold(name string, h hole, list []told, known, poll int64) {
	p.t.Helper()
	device, _, _ := strings.Cut(name, "/")
	from, to := h.from+poll, h.to-poll
	if h.from < known { // by events only, which know of a device that does not answer when it has not for so long
		off := slices.ContainsFunc(p.what.off, func(o span) bool { return h.overlap(o) > 2*poll })
		if !off && !h.silent() {
			return
		}
		from += int64(2*answerTime) + poll // a device is asked once more before it is offline
		to -= poll
	}
	if h.goes { // what is not read any more is known after a while
		to -= int64(5*time.Second) + 2*poll
	}
	dark := p.what.dark()
	for at := from; at < to; {
		if i := slices.IndexFunc(dark, func(d span) bool { return d.from-poll <= at && at < d.to }); i >= 0 {
			at = dark[i].to
			continue
		}
		i := slices.IndexFunc(list, func(g told) bool { return g.from <= at+poll && g.to > at })
		if i < 0 {
			p.t.Errorf("%s was not read from %s to %s (%v), of which nothing is told at %s: %s", name, clock(h.from), clock(h.to), h.qualities, clock(at), listed(list))
			return
		}
		at = list[i].to
	}
	for _, o := range p.what.off {
		if h.overlap(o) > poll && !slices.ContainsFunc(list, func(g told) bool { return g.Reason == gaps.BridgeOff && g.overlap(o) > 0 }) {
			p.t.Errorf("%s was not read from %s to %s as the bridge was off from %s to %s: %s", name, clock(h.from), clock(h.to), clock(o.from), clock(o.to), listed(list))
		}
	}
	unnoted := slices.ContainsFunc(dark, func(d span) bool { return h.bad > d.from && h.bad < d.to && h.bad > d.to-noted })
	if h.silent() && !unnoted && !slices.ContainsFunc(list, func(g told) bool {
		return (g.Reason == gaps.DeviceOffline || g.Reason == gaps.TagBad) && g.overlap(h.span) > 0
	}) {
		p.t.Errorf("%s was not read from %s to %s as %s did not answer: %s", name, clock(h.from), clock(h.to), device, listed(list))
	}
}

// isThere wants nothing to be told of that was read, and every reason to be one.
func (p *plant) isThere(name string, g told, list []sample, poll int64) {
	p.t.Helper()
	device, _, _ := strings.Cut(name, "/")
	fail := func(why string) {
		p.t.Errorf("%s: %s: %s", name, why, listed([]told{g}))
	}
	silent, refused := false, false
	for _, s := range list {
		switch inside := s.time > g.from-poll && s.time < g.to+poll; {
		case !inside:
		case s.bad:
			silent = silent || slices.Contains(unanswered, s.quality)
			refused = refused || strings.HasPrefix(g.Why, s.quality)
		case g.Times == 1 && s.time > g.from+poll && s.time < g.to-poll && !p.forgotten(s.time, g):
			fail("it was read at " + clock(s.time))
			return
		}
	}
	switch g.Reason {
	case gaps.BridgeOff:
		i := slices.IndexFunc(p.what.off, func(o span) bool { return g.overlap(o) > 0 })
		if i < 0 || g.from < p.what.off[i].from-p.lastSign(p.what.off[i])-poll {
			fail(fmt.Sprintf("the bridge was off at %v", p.what.off))
		}
	case gaps.Reload:
		if !g.meets(p.what.reloads, int64(time.Second+2*period)+poll) {
			fail("there was no reload")
		}
	case gaps.DeviceOffline:
		if !silent && !g.meets(p.what.unwell[device], int64(2*answerTime)) {
			fail("it answered")
		}
	case gaps.TagBad:
		if !refused && !g.meets(p.what.off, poll) {
			fail("it was not bad")
		}
	case gaps.PollsLeftOut:
		if g.meets(p.what.off, -poll) {
			fail("the bridge was off")
		}
	default:
		fail("what a reason")
	}
}

// lastSign is how long before the end of a run its last sign of life may be: with a full disk, it is the note of each second.
func (p *plant) lastSign(off span) int64 {
	if (span{off.from - 1, off.from}).meets(p.what.full, int64(time.Second)) {
		return int64(3 * time.Second)
	}
	return 0
}

// forgotten reports that a sample was only in memory when the bridge was killed on a full disk, so that nobody can know when
// after its last sign of life it was read.
func (p *plant) forgotten(at int64, g told) bool {
	return g.Reason == gaps.BridgeOff && slices.ContainsFunc(p.what.off, func(o span) bool {
		return at < o.from && at > o.from-p.lastSign(o) && g.overlap(o) > 0
	})
}

// checkDelivery compares what gaps says of db with what db has: every sample that was read and is not there is told of.
// A sample that db has may be told of as well, once for each kill and each time that it was given the present values.
func (p *plant) checkDelivery(r *gaps.Report, tr truth) {
	p.t.Helper()
	have := p.stored()
	missing := uint64(0)
	var some []string
	for k := range tr.all {
		if !have[k] {
			if missing++; len(some) < 5 {
				some = append(some, fmt.Sprintf("%s/%s at %s", k.device, k.tag, clock(k.time)))
			}
		}
	}
	said := map[string]gaps.Sink{}
	for _, s := range r.Sinks {
		said[s.Sink] = s
	}
	db, file := said["db"], said["truth"]
	is := db.Waiting + db.OnTheWay + db.Dropped + db.Rejected
	more := file.Waiting + file.OnTheWay + file.Dropped
	if p.what.kills > 0 || db.Dropped > 0 || db.Rejected > 0 {
		more += uint64(p.what.kills+1) * 2500
	}
	unknown := uint64(0) // what the file had got out of memory alone, and had not acknowledged, when the bridge was killed
	if len(p.what.full) > 0 {
		unknown = uint64(p.what.kills) * 600
	}
	if is+unknown < missing || is > missing+more {
		p.t.Errorf("db has not got %d of %d samples (%v), gaps says %d (at most %d more): %+v; %+v", missing, len(tr.all), some, is, more, db, file)
	}
}

func clock(ns int64) string { return time.Unix(0, ns).UTC().Format("05.000") }

func listed(list []told) string {
	var b strings.Builder
	for _, g := range list {
		fmt.Fprintf(&b, "\n\t%s to %s (%d times, goes %v) %s: %s", clock(g.from), clock(g.to), g.Times, g.Goes, g.Reason, g.Why)
	}
	return b.String()
}

// TestRandomDays plays days in which everything goes wrong, and compares what gaps tells of them with what happened.
func TestRandomDays(t *testing.T) {
	for _, seed := range seeds(t, 2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, seed%8 == 0)
			defer p.keep(fmt.Sprint("day", seed))
			p.play(rand.New(rand.NewPCG(seed, 5)))
			p.account()
		})
	}
}

// TestDayInMiniature plays the day of which everybody asks afterwards whether anything is missing: the database is down until
// the limits take from what waits for it, a device is dead, a tag is refused, the bridge is killed, its disk is full for a
// while, and a changed configuration is taken over.
func TestDayInMiniature(t *testing.T) {
	t.Parallel()
	p := newPlant(t, true)
	defer p.keep("day")
	sink := func() (f figures) {
		var list []figures
		p.get("/api/v1/sinks", &list)
		return byName(list)["db"]
	}
	b := p.again()
	p.await("the first samples", func() bool { return sink().Delivered > 1000 })
	p.db.Always(influxd.Step{Status: http.StatusServiceUnavailable})
	p.dead("d1")
	p.refuse("d2", 3, 2)
	p.await("losses", func() bool { return sink().Dropped > 1000 })
	b = p.outage(b, true, time.Second)
	p.await("a poll", func() bool { return sink().Behind > 0 })
	p.fill()
	rest(1500 * time.Millisecond)
	p.free()
	p.calm = true
	p.reload(b)
	p.await("the journal to be written again", func() bool { return !p.disk || strings.Contains(b.said(), "journal writes again") })
	p.mend("d1")
	p.await("the dead device", func() bool {
		return strings.Contains(b.said(), `msg="device online" endpoint=tcp://`+p.servers["d1"].Addr()+" device=d1 outage=")
	})
	p.db.Always(influxd.Step{})
	p.await("the backlog to be delivered", func() bool { return sink().Behind < 5000 })
	p.endRun(b, false)
	r := p.account()
	t.Logf("%s\n%s", r.Verdict, p.verb(nil, []int{0, 1}, "gaps", "plant.yaml"))
	have := map[gaps.Reason]string{}
	for _, g := range r.Reading {
		have[g.Reason] += fmt.Sprintf(" %s %v", g.Device, g.Tags)
	}
	if !strings.Contains(have[gaps.DeviceOffline], "d1") || !strings.Contains(have[gaps.TagBad], "d2 [t3]") || have[gaps.BridgeOff] == "" {
		t.Errorf("told are %v", have)
	}
	for _, s := range r.Sinks {
		if s.Sink == "db" && s.Dropped == 0 {
			t.Errorf("%+v", s)
		}
	}
}

// account compares everything that is told of the day.
func (p *plant) account() *gaps.Report {
	p.t.Helper()
	var r gaps.Report
	out := p.verb(&r, []int{0, 1}, "gaps", "plant.yaml", "--json")
	tr := p.truth()
	p.checkReading(&r, tr)
	p.checkDelivery(&r, tr)
	if p.t.Failed() {
		p.write("gaps.json", string(out))
	}
	return &r
}
