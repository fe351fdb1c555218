package sinks

import (
	"log/slog"
	"strings"
	"time"
)

// report logs what changes about a sink, once.
type report struct {
	log     *slog.Logger
	offline time.Time // since when; zero: online
	begun   bool      // that it is offline was noted
	held    bool      // that something must be mended was logged
	said    string    // the last reason logged, see shape
	saidAt  time.Time
	backlog time.Time // since when; zero: none
	most    int       // samples behind at most, in this backlog
	ackErr  time.Time // when a position was last not kept; zero: since then it is
	unkept  time.Time // when rejected samples could last not be written; likewise

	refusedN  int // samples since the last message about them
	refusedAt time.Time
	example   refusal

	aside, again burst // of messages about tags that were set aside, and taken again
}

type refusal struct{ device, tag, reason string }

// refusedEvery is the time between two messages about refused samples.
const refusedEvery = time.Minute

// failed notes a try that must be made again. What is said is said once; another reason is, after a while.
func (r *report) failed(action Action, text string) {
	first := !r.begun
	r.begun = true
	if r.offline.IsZero() {
		r.offline = time.Now()
	}
	event := slog.Attr{} // which is none
	if first {
		event = slog.String("event", "sink-offline")
	}
	said := shape(text)
	hold := action == Hold && !r.held
	if !first && !hold && (said == r.said || time.Since(r.saidAt) < anotherReason) {
		return
	}
	r.said, r.saidAt = said, time.Now()
	if action == Hold {
		r.held = true
		r.log.Error("sink takes nothing until something is mended", "err", text, event)
		return
	}
	r.log.Warn("sink offline", "err", text, event)
}

// anotherReason is the least time between two messages about a sink that is out of order.
const anotherReason = time.Minute

// shape is text without its digits: ports, times and counts do not make another reason.
func shape(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return -1
		}
		return c
	}, text)
}

// online notes that the sink answers again, or for the first time.
func (r *report) online(behind uint64) {
	if r.offline.IsZero() {
		r.log.Info("sink online")
		return
	}
	r.log.Info("sink online", "outage", time.Since(r.offline).Round(time.Millisecond), "behind", behind,
		"event", "sink-online")
	r.offline, r.begun, r.held = time.Time{}, false, false
}

// behind notes how many samples of the log are still to be looked at.
func (r *report) behind(n, batch int) {
	switch {
	case r.backlog.IsZero() && n >= 4*batch:
		r.backlog, r.most = time.Now(), n
		r.log.Warn("backlog began", "behind", n)
	case !r.backlog.IsZero() && n < batch:
		r.log.Info("backlog delivered", "took", time.Since(r.backlog).Round(time.Millisecond), "behind_at_most", r.most)
		r.backlog = time.Time{}
	}
	r.most = max(r.most, n)
}

// refused notes samples that went to the reject store, or did not when err is set.
func (r *report) refused(v *View, reason string, err error) {
	if r.refusedN == 0 {
		b, at := v.At(0)
		r.example = refusal{b.Group.Device, b.Group.Series[b.Samples[at].Index].Tag, reason}
	}
	r.refusedN += v.Len()
	r.kept(v.Len(), err)
	r.tick()
}

// kept notes whether rejected samples could be written.
func (r *report) kept(n int, err error) {
	switch {
	case err != nil:
		if r.unkept.IsZero() {
			r.log.Error("rejected samples not kept", "samples", n, "err", err)
		}
		r.unkept = time.Now()
	case !r.unkept.IsZero() && time.Since(r.unkept) >= believeAfter:
		r.unkept = time.Time{}
	}
}

// tick logs what was refused when it is time to.
func (r *report) tick() {
	if time.Since(r.aside.since) >= refusedEvery {
		r.moreAside()
	}
	if time.Since(r.again.since) >= refusedEvery {
		r.moreAgain()
	}
	if r.refusedN > 0 && (r.refusedAt.IsZero() || time.Since(r.refusedAt) >= refusedEvery) {
		r.flush()
	}
}

// flush logs what was refused since the last message.
func (r *report) flush() {
	r.moreAside()
	r.moreAgain()
	if r.refusedN == 0 {
		return
	}
	r.log.Error("samples refused by the sink", "samples", r.refusedN,
		"device", r.example.device, "tag", r.example.tag, "err", r.example.reason, "event", "rejected")
	r.refusedN, r.refusedAt = 0, time.Now()
}

// resent notes that rejected samples were sent again, and what came of it.
func (r *report) resent(sum resent, err error) {
	if err != nil {
		r.log.Error("rejected samples could not all be sent again", "err", err)
	}
	r.log.Info("rejected samples sent again", "samples", sum.samples, "refused_again", sum.refused, "unreadable", sum.unreadable)
}

func (r *report) setAside(k seriesKey, retry time.Duration, why string) {
	if r.aside.full() {
		return
	}
	r.log.Error("tag set aside: refused again and again", "device", k.device, "tag", k.tag, "retry", retry, "err", why)
}

func (r *report) takenAgain(k seriesKey) {
	if r.again.full() {
		return
	}
	r.log.Info("tag taken by the sink again", "device", k.device, "tag", k.tag)
}

// acked notes the outcome of an acknowledgement to the log. That it is well again is believed after a while.
func (r *report) acked(err error) {
	switch {
	case err != nil && r.ackErr.IsZero():
		r.log.Error("position of the sink not kept: a restart will send samples twice", "err", err)
	case err == nil && !r.ackErr.IsZero() && time.Since(r.ackErr) >= believeAfter:
		r.log.Info("position of the sink is kept again")
		r.ackErr = time.Time{}
	}
	if err != nil {
		r.ackErr = time.Now()
	}
}

// believeAfter is how long something must have been well before that is said.
const believeAfter = 10 * time.Second

func (r *report) moreAside() {
	if n := r.aside.end(); n > 0 {
		r.log.Error("more tags set aside: refused again and again", "tags", n)
	}
}

func (r *report) moreAgain() {
	if n := r.again.end(); n > 0 {
		r.log.Info("more tags taken by the sink again", "tags", n)
	}
}

// burstMost is how many messages of a kind are logged one by one within refusedEvery: a database that refuses everything
// must not fill the log.
const burstMost = 10

// burst is messages of a kind.
type burst struct {
	since time.Time // of the first
	n     int
}

// full counts a message, and reports that it is not to be logged by itself.
func (b *burst) full() bool {
	if b.n == 0 {
		b.since = time.Now()
	}
	b.n++
	return b.n > burstMost
}

// end begins again, and returns how many messages were not logged.
func (b *burst) end() int {
	n := b.n - burstMost
	b.n = 0
	return n
}
