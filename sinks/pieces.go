package sinks

// Pieces stay small after the sink said that one was too large: they are doubled again after growAfter of them were
// taken, and when that turns out to be too much once more, after ever more of them.
const (
	growAfter    = 16
	growAfterTop = 4096
)

// pieces is how a view is cut up for sending: the ends of the pieces still to be sent, the nearest one last. An
// outage in the middle changes nothing about it. The zero value sends views whole.
type pieces struct {
	ends  []piece
	limit int  // samples a piece, 0: any
	taken int  // pieces of that size, since it is the limit
	grow  int  // double it after so many
	grown bool // it was doubled, and nothing taken since
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
	if p.limit > 0 {
		end = min(end, at+p.limit)
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

// rejected notes that something of the nearest piece was refused: nothing is known any more of the one behind it.
func (p *pieces) rejected() {
	if n := len(p.ends); n > 1 {
		p.ends[n-2].bad = false
	}
}

// shrink notes that a piece of n samples was too large.
func (p *pieces) shrink(n int) {
	switch {
	case p.grown:
		p.grow = min(4*p.grow, growAfterTop)
	case p.limit == 0:
		p.grow = growAfter
	}
	p.limit, p.taken, p.grown = n/2, 0, false
}

// accept notes that a piece of n samples, of a view of whole, was taken.
func (p *pieces) accept(n, whole int) {
	if n < p.limit {
		return
	}
	p.grown = false
	if p.limit == 0 {
		return
	}
	if p.taken++; p.taken < p.grow {
		return
	}
	p.limit, p.taken, p.grown = 2*p.limit, 0, true
	if p.limit >= whole {
		p.limit = 0
	}
}

// single makes sample i of n a piece of its own.
func (p *pieces) single(i, n int) {
	p.ends = append(p.ends[:0], piece{end: n}, piece{end: i + 1}, piece{end: i})
}
