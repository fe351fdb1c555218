package opcua

import (
	"cmp"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// A request that goes wrong says nothing yet about which of the things in it did it, nor whether one of them did at all.
// So what was asked about is remembered, over connections too. What the server refuses is halved until it is clear
// which thing it is. What it hangs up on, or leaves unanswered, is asked about once more, after all others and with
// nothing else under way; when it happens again it is divided, and so on down to the one. That one is given up alone
// and tried again with growing pauses.

// subject is one thing that a service is asked about.
type subject struct {
	service uint32 // by the encoding of its request
	name    string // the same in each session
}

// trouble is what is remembered of a subject of requests that went wrong.
type trouble struct {
	most    int         // things that it is asked about with, itself among them; 0: any number
	breaks  int         // requests about it that cost the connection or were not answered
	heard   time.Time   // when the server was last heard of before that
	held    wire.Status // it is given up with this; Good: it is not
	why     string      // what the server says of it
	costly  bool        // a try costs the connection, or a large answer
	pause   time.Duration
	until   time.Time // when it is tried again
	allowed int       // what most of a request was when it came into trouble
}

// The pauses between tries of what was given up. What costs little is tried soon, but all together no more often than
// every probeShare.
const (
	firstTry     = time.Second
	lastTry      = 5 * time.Second
	probeShare   = 250 * time.Millisecond
	firstCostly  = 30 * time.Second
	lastCostly   = 10 * time.Minute
	maxBlamed    = 100_000
	breakDivisor = 8 // a break costs a connection: its things are asked about in eighths
)

// blame is what a link remembers of requests that went wrong.
type blame struct {
	of    map[subject]*trouble
	given int // how many are given up
}

// subjects are the things of one request, by their names.
type subjects struct {
	service uint32
	n       int
	name    func(k int) string
	also    uint32 // a service that what breaks the connection in this one breaks it in, too; 0: none
}

func (s subjects) each(do func(subject)) {
	for k := range s.n {
		do(subject{s.service, s.name(k)})
	}
}

// find is what is remembered of the thing; nil for nothing.
func (b *blame) find(service uint32, name string) *trouble {
	return b.of[subject{service, name}]
}

func (b *blame) note(s subject) *trouble {
	t := b.of[s]
	if t == nil {
		if b.of == nil || len(b.of) >= maxBlamed {
			b.of, b.given = map[subject]*trouble{}, 0
		}
		t = &trouble{}
		b.of[s] = t
	}
	return t
}

// halve remembers that a request about them was refused: each is to be asked about with half as many.
func (b *blame) halve(of subjects, allowed int) {
	of.each(func(s subject) {
		t := b.note(s)
		t.most = max(1, of.n/2)
		if t.allowed == 0 {
			t.allowed = allowed
		}
	})
}

// broke remembers that a request about them was under way when the connection broke or the time for it was over, the
// only one or not. heard is when the server was last heard of: when it was not since the last time, this says nothing
// more. The second time it is their fault, and the thing is given up that is alone in its request: found tells of that.
func (b *blame) broke(of subjects, only bool, heard, now time.Time) (found bool) {
	if of.also != 0 {
		b.broke(subjects{service: of.also, n: of.n, name: of.name}, only, heard, now)
	}
	of.each(func(s subject) {
		t := b.note(s)
		t.costly = true
		switch {
		case t.breaks == 0 || !only:
			t.breaks, t.heard = max(1, t.breaks), heard
			if t.most == 0 {
				t.most = of.n
			}
		case !heard.After(t.heard):
		case of.n == 1:
			t.breaks, t.heard = t.breaks+1, heard
			b.give(t, wire.Status(mapping.BadCommunicationError), now)
			found = true
		default:
			t.breaks, t.heard = t.breaks+1, heard
			t.most = max(1, of.n/breakDivisor)
			found = true
		}
	})
	return found
}

// absolve forgets of things that were refused, at little cost, that they were.
func (b *blame) absolve(of subjects) {
	of.each(func(s subject) {
		if t := b.of[s]; t != nil && !t.costly {
			if t.held != wire.Good {
				b.given--
			}
			delete(b.of, s)
		}
	})
}

// reason says why a thing was given up, and when it is tried again.
func (t *trouble) reason() string {
	again := "; it is tried again at " + t.until.Format(time.TimeOnly)
	switch {
	case t.breaks > 0:
		return "the server hangs up or is silent when it is asked for" + again
	case t.held.TooLarge():
		return "too large: " + cmp.Or(t.why, t.held.Error()) + again
	}
	return "the server refuses to read it: " + cmp.Or(t.why, t.held.Error())
}

// refused gives up one thing that the server refuses alone, with that status.
func (b *blame) refused(service uint32, name string, status wire.Status, now time.Time) *trouble {
	t := b.note(subject{service, name})
	t.costly = t.costly || status.TooLarge()
	b.give(t, status, now)
	return t
}

func (b *blame) give(t *trouble, status wire.Status, now time.Time) {
	if t.held == wire.Good {
		b.given++
	}
	t.held, t.most = status, 1
	first, last := firstTry, max(lastTry, time.Duration(b.given)*probeShare)
	if t.costly {
		first, last = firstCostly, lastCostly
	}
	t.pause = min(max(2*t.pause, first), last)
	t.until = now.Add(t.pause)
}

// well forgets the trouble of what was answered. It reports whether there was any.
func (b *blame) well(of subjects) (any bool) {
	if len(b.of) == 0 {
		return false
	}
	of.each(func(s subject) {
		t := b.of[s]
		if t == nil {
			return
		}
		any = true
		if t.held != wire.Good {
			b.given--
		}
		delete(b.of, s)
	})
	return any
}

// spread divides things 0 to n-1, by their names, over requests about most each. Those in trouble come last, in as
// small requests as theirs asks for: alone tells which requests must not be under way together with others. What is
// given up at now is in held, until next, which is zero when nothing is.
type spread struct {
	parts [][]int
	alone int // from this part on
	held  []int
	next  time.Time
}

func (b *blame) spread(of subjects, most int, now time.Time) (s spread) {
	var split, broken []int
	whole := make([]int, 0, of.n)
	for k := range of.n {
		var t *trouble
		if len(b.of) > 0 {
			t = b.find(of.service, of.name(k))
		}
		switch {
		case t == nil:
			whole = append(whole, k)
		case t.held != wire.Good && now.Before(t.until):
			s.held = append(s.held, k)
			if s.next.IsZero() || t.until.Before(s.next) {
				s.next = t.until
			}
		case t.breaks > 0:
			broken = append(broken, k)
		default:
			split = append(split, k)
		}
	}
	for most = max(1, most); len(whole) > 0; {
		n := min(most, len(whole))
		s.parts, whole = append(s.parts, whole[:n:n]), whole[n:]
	}
	s.parts = b.group(s.parts, split, of, most)
	s.alone = len(s.parts)
	s.parts = b.group(s.parts, broken, of, most)
	return s
}

// group appends things in trouble, each in a request as small as that of its trouble.
func (b *blame) group(parts [][]int, things []int, of subjects, most int) [][]int {
	size := 0 // of the request that is being filled; 0: none is
	for _, k := range things {
		m := min(most, max(1, b.find(of.service, of.name(k)).most))
		if last := len(parts) - 1; size > 0 && len(parts[last]) < min(size, m) {
			parts[last] = append(parts[last], k)
			size = min(size, m)
			continue
		}
		parts = append(parts, []int{k})
		size = m
	}
	return parts
}
