package modbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/dump"
)

// Bounds of a sweep: what is refused is asked for in parts, but not without end.
const (
	MaxSwept     = 4 * (lastAddress + 1) // addresses: every one of every table
	maxCut       = 200                   // refused requests that are cut in two
	maxUnheard   = 10                    // requests without an answer that are cut in two
	maxQuiet     = 4                     // requests in a row without an answer: the unit is gone
	maxBusy      = 3                     // tries of one request while the unit is busy
	tooManyNones = 2                     // exceptions 1 after which a unit is taken not to have a function
)

// SweepOptions are what to read of a unit, and how.
type SweepOptions struct {
	Unit    int
	Limits  Limits
	Timeout time.Duration // of a request; 0: a second
	Retries int
	Extents []mapping.Extent
}

// Sweep reads runs of addresses as they are, whatever is in them, a request a turn. What is refused is asked for in smaller
// parts. It is used by one goroutine.
type Sweep struct {
	o       SweepOptions
	queue   []part
	seen    dump.Snapshot
	most    [readInput + 1]int  // what one request of a function may ask for
	sized   [readInput + 1]bool // that was found out
	heard   [readInput + 1]bool
	none    [readInput + 1]int // exceptions 1
	cut     int
	unheard int
	quiet   int // in a row
	coarse  bool
	busy    time.Time
	spent   time.Duration // in exchanges that were answered
	asked   int
	answers int
}

// part is one request of a sweep.
type part struct {
	function uint8
	first    int
	count    int
	tries    int
	broke    bool    // it broke the connection
	size     *sizing // it is to tell how much the unit takes at once
}

// sizing finds out whether a unit that refuses a request takes a smaller one: one register, two, four and so on.
type sizing struct {
	first, most int
	second      bool // the second half is asked for: was it the size, or what is in it?
	size        int
}

// NewSweep plans the reading of what o says.
func NewSweep(o SweepOptions) (*Sweep, error) {
	s := &Sweep{o: o}
	if o.Limits.Wide {
		return nil, errors.New("registers of four bytes (register_bytes: 4) cannot be looked through: read tags or single addresses")
	}
	total := 0
	for _, e := range o.Extents {
		total += e.Count
		if e.Count < 1 || e.First < 0 || e.Last() > lastAddress {
			return nil, fmt.Errorf("%s: no such addresses", e)
		}
	}
	if total > MaxSwept {
		return nil, fmt.Errorf("%d addresses: at most %d at a time", total, MaxSwept)
	}
	for f := uint8(readCoils); f <= readInput; f++ {
		s.most[f], _ = o.Limits.of(f)
		if o.Limits.Single {
			s.most[f], s.sized[f] = 1, true
		}
	}
	for _, e := range o.Extents {
		s.add(part{function: o.Limits.function(e.Table), first: e.First, count: e.Count})
	}
	return s, nil
}

// add has p asked for, in as many requests as it takes.
func (s *Sweep) add(p part) {
	for most := s.most[p.function]; p.count > 0; {
		n := min(p.count, most)
		s.queue = append(s.queue, part{function: p.function, first: p.first, count: n})
		p.first, p.count = p.first+n, p.count-n
	}
}

// Snapshot is what was read so far, by place.
func (s *Sweep) Snapshot() dump.Snapshot {
	seen := s.seen.Joined()
	if s.answers > 0 {
		seen.Took = (s.spent / time.Duration(s.answers)).Round(10 * time.Microsecond)
	}
	return seen
}

// Coarse reports that of what was refused not all was asked for in parts.
func (s *Sweep) Coarse() bool { return s.coarse }

// Requests is how many were made, and Left how many are known to come.
func (s *Sweep) Requests() (made, left int) { return s.asked, len(s.queue) }

// Turn makes the next request over link, one of this package. more is false at the end. An error is that of the link, or
// that the unit answers nothing at all.
func (s *Sweep) Turn(ctx context.Context, link drivers.Link) (more bool, err error) {
	l, ok := link.(*Link)
	if !ok {
		return false, drivers.Unharmed(fmt.Errorf("a %T has no registers", link))
	}
	if len(s.queue) == 0 {
		return false, nil
	}
	if !l.isOpen {
		return false, drivers.ErrClosed
	}
	p := s.queue[0]
	if most := s.most[p.function]; p.count > most && p.size == nil { // found out since
		s.queue = s.queue[1:]
		s.add(p)
		return true, nil
	}
	if p.tries > 0 {
		if err := l.rest(ctx, s.busy); err != nil {
			return false, drivers.Unharmed(err)
		}
	} else if err := l.rest(ctx, time.Time{}); err != nil {
		return false, drivers.Unharmed(err)
	}
	s.queue = s.queue[1:]
	err = s.ask(ctx, l, p)
	return len(s.queue) > 0 && err == nil, err
}

func (s *Sweep) ask(ctx context.Context, l *Link, p part) error {
	r := request{unit: uint8(s.o.Unit), function: p.function, address: uint16(p.first), count: uint16(p.count)}
	began := l.now()
	if s.seen.Time.IsZero() {
		s.seen.Time = began.UTC().Round(0)
	}
	s.asked++
	raw, err := l.exchange(ctx, r, wait{limit: cmp.Or(s.o.Timeout, defaultTimeout), last: p.tries >= s.o.Retries, accept: s.o.Limits.Accept})
	e, refused := errors.AsType[Exception](err)
	silent, unanswered := errors.AsType[*drivers.NoAnswer](err)
	switch {
	case err == nil:
		s.spent += l.now().Sub(began)
		s.answers++
		s.quiet = 0
		s.heard[p.function] = true
		s.take(p, raw)
	case refused && e.isNoAnswer():
		return s.silence(p, r, e)
	case refused:
		s.answers++
		s.quiet = 0
		s.refuse(p, e, l.now())
	case unanswered && !silent.Broken:
		return s.silence(p, r, silent.Err)
	case ctx.Err() != nil:
		return drivers.Unharmed(ctx.Err())
	default:
		return s.brokeOff(p, r, err)
	}
	return nil
}

// brokeOff goes on after p broke the connection: once that may be by itself, and p is asked again over a new one. Devices that
// hang up in place of refusing do it again: then it is what was asked for, and asked in parts.
func (s *Sweep) brokeOff(p part, r request, err error) error {
	if !p.broke && s.unheard == 0 {
		p.broke = true
		s.queue = append([]part{p}, s.queue...)
	} else {
		p.broke = false
		switch s.unheard++; {
		case s.answers == 0 && s.unheard > maxQuiet: // it hangs up whatever it is asked
			s.queue = nil
		case p.size != nil:
			s.shrunk(p)
		case s.unheard > maxUnheard:
			s.coarse = s.coarse || p.count > 1
			s.note(p, 0)
		default:
			s.split(p, 0)
		}
	}
	return &drivers.RequestError{Asked: r.String(), Err: err}
}

// take keeps the answer to p.
func (s *Sweep) take(p part, raw []byte) {
	if p.size != nil {
		s.grown(p)
		return
	}
	values := make([]uint16, p.count)
	for i := range values {
		if isBits(p.function) {
			values[i] = uint16(raw[i/8] >> (i % 8) & 1)
		} else {
			values[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		}
	}
	s.seen.Areas = append(s.seen.Areas, dump.Area{Unit: s.o.Unit, Table: tables[p.function], First: p.first, Values: values})
}

// refuse goes on after exception e to p.
func (s *Sweep) refuse(p part, e Exception, now time.Time) {
	fn := p.function
	switch {
	case e.isBusy() && p.tries < maxBusy:
		p.tries++
		s.busy = now.Add(busyPause)
		s.queue = append(s.queue, p)
		return
	case p.size != nil:
		s.shrunk(p)
		return
	case e == IllegalFunction && !s.heard[fn]:
		if s.none[fn]++; s.none[fn] >= tooManyNones {
			s.drop(p, e)
			return
		}
	}
	s.split(p, uint8(e))
}

// drop leaves out all of p's function.
func (s *Sweep) drop(p part, e Exception) {
	rest := s.queue[:0]
	s.note(p, uint8(e))
	for _, other := range s.queue {
		if other.function != p.function {
			rest = append(rest, other)
		} else if other.size == nil {
			s.note(other, uint8(e))
		}
	}
	s.queue = rest
}

// split asks for p, which was refused, in two parts, or gives it up.
func (s *Sweep) split(p part, why uint8) {
	switch {
	case p.count == 1:
		s.note(p, why)
		return
	case s.cut >= maxCut:
		s.coarse = true
		s.note(p, why)
		return
	}
	s.cut++
	half := p.count / 2
	if half > 1 {
		half &^= 1 // values of two registers stay whole
	}
	s.queue = append(s.queue,
		part{function: p.function, first: p.first, count: half},
		part{function: p.function, first: p.first + half, count: p.count - half})
	if !s.sized[p.function] && !isBits(p.function) && p.count > 2 {
		s.sized[p.function] = true
		z := &sizing{first: p.first, size: 1, most: p.count}
		s.queue = append([]part{{function: p.function, first: z.first, count: 1, size: z}}, s.queue...)
	}
}

// grown goes on after a request that was to tell how much a unit takes was answered.
func (s *Sweep) grown(p part) {
	z := *p.size
	switch {
	case z.second: // its half before was answered too: together they were refused for their size
		s.most[p.function] = z.size
		return
	case 2*z.size >= z.most:
		return
	}
	z.size *= 2
	s.queue = append([]part{{function: p.function, first: z.first, count: z.size, size: &z}}, s.queue...)
}

// shrunk goes on after such a request was refused.
func (s *Sweep) shrunk(p part) {
	z := *p.size
	if z.second || z.size == 1 {
		return // it is what is in it
	}
	z.size /= 2
	z.second = true
	s.queue = append([]part{{function: p.function, first: z.first + z.size, count: z.size, size: &z}}, s.queue...)
}

// silence goes on after p was not answered.
func (s *Sweep) silence(p part, r request, why error) error {
	if p.tries < s.o.Retries && s.quiet == 0 && s.unheard == 0 {
		p.tries++
		s.queue = append([]part{p}, s.queue...)
		return nil
	}
	s.unheard++
	if s.quiet++; s.answers == 0 || s.quiet > maxQuiet {
		return drivers.Unharmed(&drivers.RequestError{Asked: r.String(), Err: why})
	}
	switch {
	case p.size != nil:
		s.shrunk(p)
	case s.unheard > maxUnheard:
		s.coarse = s.coarse || p.count > 1
		s.note(p, 0)
	default:
		s.split(p, 0)
	}
	return nil
}

// note keeps that p was refused with exception why, or not answered.
func (s *Sweep) note(p part, why uint8) {
	s.seen.Refusals = append(s.seen.Refusals, dump.Refusal{
		Unit: s.o.Unit, Table: tables[p.function], First: p.first, Last: p.first + p.count - 1, Exception: why,
	})
}
