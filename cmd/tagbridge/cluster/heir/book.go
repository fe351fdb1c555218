package heir

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/sinks"
)

// Rules are the times of inheriting, the same for all members.
type Rules struct {
	Grace time.Duration // for so long nothing was seen of a member that is inherited from
	Step  time.Duration // between those who may try
	Lease time.Duration // a cursor with somebody's name, not written for so long, may be taken by another
	Guard time.Duration // so long before that it counts as lost by whoever has it
	Rest  time.Duration // one that did not get on leaves it to others for so long
}

// renew is how often a cursor is written that does not move.
func (r *Rules) renew() time.Duration { return (r.Lease - r.Guard) / 2 }

// Entry is a cursor as KV has it. Names in it are safe ones (store.Key).
type Entry struct {
	Node, Journal, Sink string
	Revision            uint64
	Cursor              replica.Cursor // zero when it could not be read: then everything is delivered
	Damaged             string         // why it could not
}

// Key is where the cursor stands.
func (e *Entry) Key() string { return e.Node + "." + e.Journal + "." + e.Sink }

// Tail is the end of a journal as KV has it.
type Tail struct {
	Node, Journal string
	Revision      uint64
	End           replica.End
}

// Sight is what is seen at one time. Names are safe ones.
type Sight struct {
	Self    string
	Journal string          // of this member, as it stands in keys; "": not known yet
	Living  map[string]bool // members that are heard, this one among them
	Able    bool            // this member may take: it hears the others
	Sinks   map[string]bool // that this member has
	Mine    map[string]bool // keys of what it delivers
	Entries []Entry
	Tails   []Tail
	Last    map[string]uint64 // by member, the last sequence of its stream; none: it has no stream

	origin   string    // the journal that this member's goes on from, as it stands in keys; "": none
	branched sinks.Pos // from where on
}

// Rest is what a member has left for a sink.
type Rest struct {
	Node, Journal, Sink string
	Position            sinks.Pos
	End, Copied         sinks.Pos // of the journal, as far as is known; 0: not
	By                  string    // who delivers it; "": nobody
	Finished            bool      // all that there is of it in the stream was looked at
	NoSink              bool      // this member has no such sink
	Missing             []replica.Missing
	Dealt               sinks.Dealt
}

// Verdict is what to do.
type Verdict struct {
	Take  []Entry  // to be claimed
	Leave []string // keys of what is not this member's to deliver any more
	Rests []Rest
	Soon  bool // something is going on: look again soon
}

// Book decides what this member inherits. It has no clock, network or goroutine, and is used by one.
type Book struct {
	rules   Rules
	seen    map[string]sight         // cursors, by key
	tails   map[string]sight         // by member and journal
	living  map[string]time.Duration // when members were seen last
	orphans map[string]time.Duration // members with a stream and no cursor, since when
	foreign map[string]time.Duration // keys of this member with somebody else's name, since when
	rest    map[string]time.Duration // keys that are left to others until then
}

// sight is a revision, and when it was seen first.
type sight struct {
	revision uint64
	since    time.Duration
}

// NewBook makes one that has seen nothing.
func NewBook(r Rules) *Book {
	return &Book{rules: r, seen: map[string]sight{}, tails: map[string]sight{}, living: map[string]time.Duration{}, rest: map[string]time.Duration{}, orphans: map[string]time.Duration{}, foreign: map[string]time.Duration{}}
}

// Stalled says that this member did not get on with that key.
func (b *Book) Stalled(key string, now time.Duration) { b.rest[key] = now + b.rules.Rest }

// Orphan says that there is a stream of that member and no cursor, and returns since when that is known.
func (b *Book) Orphan(node string, now time.Duration) time.Duration {
	since, ok := b.orphans[node]
	if !ok {
		b.orphans[node], since = now, now
	}
	return since
}

// adopts reports that a stream without cursors was found a short time ago.
func (b *Book) adopts(now time.Duration) bool {
	for _, since := range b.orphans {
		if now-since < 3*b.rules.Grace {
			return true
		}
	}
	return false
}

// Look takes what is seen at that time, by a clock that goes on while the process is stopped, and decides.
func (b *Book) Look(s *Sight, now time.Duration) (v Verdict) {
	for node := range s.Living {
		b.living[node] = now
		delete(b.orphans, node)
	}
	b.note(s, now)
	newest := newestTails(s.Tails)
	for i := range s.Entries {
		e := &s.Entries[i]
		key := e.Key()
		own := e.Node == s.Self && e.Journal == s.Journal
		if own && e.Cursor.By != "" {
			v.Soon = true
		} else {
			delete(b.foreign, key)
		}
		since, gone := b.gone(s, e, newest[e.Node])
		left := gone && now-since >= b.rules.Grace
		if gone {
			v.Rests = append(v.Rests, b.restOf(s, e))
			v.Soon = v.Soon || !left || !b.finished(s, e)
		}
		switch {
		case s.Mine[key] && (!left || !s.Sinks[e.Sink]):
			v.Leave = append(v.Leave, key)
		case s.Mine[key] || !left || !s.Able || !s.Sinks[e.Sink] || b.finished(s, e) || b.rest[key] > now:
		case b.mayTry(s, e, since, now):
			v.Take = append(v.Take, *e)
		}
	}
	sortRests(v.Rests)
	return v
}

// Back reports that e, of this member's own journal and with somebody else's name, is to be taken back: who delivers had the time to hear that
// its member is there, and to leave it.
func (b *Book) Back(e *Entry, now time.Duration) bool {
	key := e.Key()
	since, ok := b.foreign[key]
	if !ok {
		b.foreign[key], since = now, now
	}
	return now-since >= b.rules.Step
}

// note takes down what has changed, and forgets what is gone.
func (b *Book) note(s *Sight, now time.Duration) {
	seen, tails := make(map[string]sight, len(s.Entries)), make(map[string]sight, len(s.Tails))
	for i := range s.Entries {
		e := &s.Entries[i]
		delete(b.orphans, e.Node)
		seen[e.Key()] = b.seen[e.Key()].at(e.Revision, now)
	}
	for i := range s.Tails {
		t := &s.Tails[i]
		tails[t.Node+"."+t.Journal] = b.tails[t.Node+"."+t.Journal].at(t.Revision, now)
	}
	b.seen, b.tails = seen, tails
	for key, until := range b.rest {
		if until <= now {
			delete(b.rest, key)
		}
	}
}

func (s sight) at(revision uint64, now time.Duration) sight {
	if s.revision == revision && revision != 0 {
		return s
	}
	return sight{revision, now}
}

// newestTails is the journal of each member whose end moved last.
func newestTails(tails []Tail) map[string]string {
	newest := map[string]Tail{}
	for _, t := range tails {
		if t.Revision > newest[t.Node].Revision {
			newest[t.Node] = t
		}
	}
	names := make(map[string]string, len(newest))
	for node, t := range newest {
		names[node] = t.Journal
	}
	return names
}

// gone reports that who had e does not deliver it, as far as is known here, and since when nothing of it was seen.
func (b *Book) gone(s *Sight, e *Entry, newest string) (since time.Duration, gone bool) {
	since = b.tails[e.Node+"."+e.Journal].since // zero: it has no end, which then does not move
	switch {
	case e.Node == s.Self && (s.Journal == "" || e.Journal == s.Journal):
		return 0, false
	case e.Node == s.Self:
	case s.Living[e.Node] && (newest == "" || e.Journal == newest):
		return 0, false // its own
	case !s.Living[e.Node]:
		since = max(since, b.living[e.Node])
	}
	if e.Cursor.By == "" {
		since = max(since, b.seen[e.Key()].since) // it wrote that itself, or somebody who has left it
	}
	return since, true
}

// finished reports that all there is of e in the stream was looked at.
func (b *Book) finished(s *Sight, e *Entry) bool {
	last, there := s.Last[e.Node]
	if !there {
		return true
	}
	if e.Cursor.By != "" || e.Cursor.Seq == 0 {
		return false
	}
	return e.Cursor.Seq == last || e.Cursor.Done && s.Living[e.Node] // its member goes on with another journal
}

// mayTry reports that it is this member's turn to take e, which is left since then.
func (b *Book) mayTry(s *Sight, e *Entry, since, now time.Duration) bool {
	turn := time.Duration(turnOf(s, e)) * b.rules.Step
	if e.Cursor.By != "" {
		return now-b.seen[e.Key()].since >= b.rules.Lease+turn
	}
	return now-since >= b.rules.Grace+turn
}

// turnOf is how many members are to try before this one.
func turnOf(s *Sight, e *Entry) int {
	mine, n := weight(s.Self, e.Key()), 0
	for node := range s.Living {
		if w := weight(node, e.Key()); node != s.Self && (w > mine || w == mine && node < s.Self) {
			n++
		}
	}
	return n
}

// weight is that of a member for a key: the highest one tries first.
func weight(node, key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(node + "\x00" + key))
	x := h.Sum64()
	x ^= x >> 33 // the last letters of a name hardly move the upper bits
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

func (b *Book) restOf(s *Sight, e *Entry) Rest {
	r := Rest{
		Node: e.Node, Journal: e.Journal, Sink: e.Sink, Position: e.Cursor.Position, By: e.Cursor.By,
		Finished: b.finished(s, e), NoSink: !s.Sinks[e.Sink], Missing: e.Cursor.Missing,
		Dealt: sinks.Dealt{Delivered: e.Cursor.Delivered, Rejected: e.Cursor.Rejected},
	}
	if i := slices.IndexFunc(s.Tails, func(t Tail) bool { return t.Node == e.Node && t.Journal == e.Journal }); i >= 0 {
		r.End, r.Copied = s.Tails[i].End.Position, s.Tails[i].End.Copied
	}
	return r
}

// sortRests has them in an order that stays.
func sortRests(list []Rest) {
	slices.SortFunc(list, func(a, b Rest) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Journal, b.Journal), cmp.Compare(a.Sink, b.Sink))
	})
}
