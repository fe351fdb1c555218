package sinks

import "time"

// Pieces stay small after the sink said that one was too large: they are doubled again after growAfter of them were
// taken, and when that turns out to be too much once more, after ever more of them. When nobody has said so, but the
// connection ended while one was under way, they are doubled at once.
const (
	growAfter    = 16
	growAfterTop = 4096
)

// sendTime is how long a piece may take to send: over a slow line they get smaller, so that what is through is known
// early, no time limit on the way is met, and little is sent again when the line fails.
const sendTime = 10 * time.Second

// pieces is how a view is cut up for sending: the ends of the pieces still to be sent, the nearest one last. An
// outage in the middle changes nothing about it. The zero value sends views whole.
type pieces struct {
	ends  []piece
	limit int  // samples a piece, 0: any
	taken int  // pieces of that size, since it is the limit
	grow  int  // double it after so many
	grown bool // it was doubled, and nothing taken since
	timed int  // samples that can be sent in sendTime, 0: any
}

// piece ends before sample end and begins where the one before it does.
type piece struct {
	end int
	// bad says that the piece must hold something refused: it was refused together with what went before, and that
	// has been taken since. It is halved without asking again, which saves a request a step.
	bad bool
}

// reset forgets the pieces, not the limit.
func (p *pieces) reset() { p.ends = p.ends[:0] }

// most is how many samples a piece can have; 0: any number.
func (p *pieces) most() int {
	if p.limit > 0 && p.timed > 0 {
		return min(p.limit, p.timed)
	}
	return max(p.limit, p.timed)
}

// next is the end of the piece to be sent, which begins at at, of a view of n samples.
func (p *pieces) next(at, n int) int {
	for len(p.ends) > 0 && p.ends[len(p.ends)-1].end <= at {
		p.ends = p.ends[:len(p.ends)-1]
	}
	if len(p.ends) == 0 {
		p.ends = append(p.ends, piece{end: n})
	}
	last := &p.ends[len(p.ends)-1]
	for last.bad && last.end-at > 1 {
		p.ends = append(p.ends, piece{end: at + (last.end-at)/2})
		last = &p.ends[len(p.ends)-1]
	}
	end := last.end
	if most := p.most(); most > 0 {
		end = min(end, at+most)
	}
	return end
}

// halve notes that the piece from at to end was refused.
func (p *pieces) halve(at, end int) {
	p.rejected()
	if last := &p.ends[len(p.ends)-1]; last.end == end {
		last.bad = true
	} else {
		p.ends = append(p.ends, piece{end: end, bad: true})
	}
	p.ends = append(p.ends, piece{end: at + (end-at)/2})
}

// rejected notes that something of the nearest piece was refused: nothing is known any more of the one after it.
func (p *pieces) rejected() {
	if n := len(p.ends); n > 1 {
		p.ends[n-2].bad = false
	}
}

// shrink notes that a piece of n samples was too large, as the sink said.
func (p *pieces) shrink(n int) { p.lower(n, n/2, growAfter) }

// suspect notes that the connection ended with a piece of n samples under way, some of the first few of which may be
// the reason.
func (p *pieces) suspect(n, few int) {
	if few >= n {
		few = n / 2
	}
	p.lower(n, max(few, 1), 1)
}

// lower makes limit the limit, as a piece of n samples was too large; it is doubled after grow pieces were taken.
func (p *pieces) lower(n, limit, grow int) {
	switch {
	case p.grown && n > p.limit/2: // more than what was taken before
		p.grow = min(4*p.grow, growAfterTop)
	case p.grown || p.limit == 0:
		p.grow = grow
	}
	p.limit, p.taken, p.grown = limit, 0, false
}

// lift forgets the limit: it was not for their size that pieces failed.
func (p *pieces) lift() { p.limit, p.taken, p.grown = 0, 0, false }

// accept notes that a piece of n samples, of a view of whole, was taken within d.
func (p *pieces) accept(n, whole int, d time.Duration) {
	p.time(n, whole, d)
	switch {
	case p.limit == 0:
	case p.grown && n == whole && n > p.limit/2: // views are no larger
		p.lift()
	case n >= p.limit:
		p.grown = false
		if p.taken++; p.taken >= p.grow {
			p.limit, p.taken, p.grown = 2*p.limit, 0, true
		}
	}
}

// time notes that n samples, of a view of whole, took so long to send.
func (p *pieces) time(n, whole int, d time.Duration) {
	switch {
	case d > sendTime:
		p.timed = max(int(float64(n)*float64(sendTime)/float64(d)), n/8, 1)
	case p.timed > 0 && d < sendTime/2 && n > p.timed/2:
		if p.timed *= 2; p.timed >= 2*whole {
			p.timed = 0
		}
	}
}

// single makes sample i of n a piece of its own.
func (p *pieces) single(i, n int) {
	p.ends = append(p.ends[:0], piece{end: n}, piece{end: i + 1}, piece{end: i})
}
