package window

import "math"

// Step is what a reading of a counter was.
type Step uint8

// The steps.
const (
	Begun    Step = iota // the first: nothing is known of what was before
	Counted              // on from the last one
	Rolled               // over the end of the counter's range
	Reset                // begun anew at 0: what it shows has come since
	Replaced             // another counter: what it shows is none of ours
	Waiting              // it went back, or too far; the next reading says why
	Noise                // it went back by so little that it is no reset: it counts again when it is past where it was
	Glitch               // the reading before was none of this counter's, and was left out or taken back
)

// Counter adds up what a counter has counted, whatever becomes of its reading. Its fields are all that has to be kept.
type Counter struct {
	Total  Exact
	Last   float64
	Before float64 // the reading before Last
	Dip    float64 // the reading after Last, which went back or too far
	Any    bool
	Dipped bool // Dip is one
}

// Limits are what is known of a counter.
type Limits struct {
	// Range is after how many it begins at 0 again, such as 65536 × scale; 0: never.
	Range float64
	// Most is how much two readings can be apart at most; 0: not known.
	Most float64
	// Least is the smallest step of its reading, such as the scale of an integer; 0: not known.
	Least float64
}

// noise is the part of its reading that a counter may go back by without having been reset: what rounding, redundant
// masters and a copy kept over a loss of power come to.
const noise = 0.01

// Put takes a reading. One that is back by more than noise, or a single step, is waited with until the next:
//
//   - the next is where the counter was, or further: the one between was a glitch, such as the 0 of a device that starts,
//     unless the counter went as far from one reading to the next before
//   - it goes on slowly from there, which is just past the last but one: the last was a glitch, such as a reading of two
//     registers of which only one had been counted on, and what it added is taken back
//   - the last was in the upper quarter of the range, and it is in the lower one: it has rolled over
//   - else the counter was reset, and what it shows has come since
//
// So is a step of more than Most: when the next is not where the counter was, it is another counter, and what it shows is
// not counted.
func (c *Counter) Put(v float64, l Limits) Step {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Glitch
	}
	if !c.Any {
		c.Last, c.Before, c.Any = v, v, true
		return Begun
	}
	settled := Counted
	if c.Dipped {
		c.Dipped, settled = false, Glitch
		if !c.back(v, l) {
			settled = c.settle(v, l)
		}
	}
	step := c.compare(v, l)
	if settled != Counted && step != Waiting {
		return settled
	}
	return step
}

func (l Limits) tooFar(by float64) bool { return l.Most > 0 && by > l.Most }

// slack is how far the counter may go back without having been reset.
func (c *Counter) slack(l Limits) float64 { return max(math.Abs(c.Last)*noise, l.Least) }

// back is whether v goes on from Last as if what was waited with had not been: not when it goes on from that one just as well,
// at the pace that the counter had.
func (c *Counter) back(v float64, l Limits) bool {
	here := v >= c.Last-c.slack(l) && !l.tooFar(v-c.Last)
	return here && math.Abs(v-c.Dip) > 2*(c.Last-c.Before)
}

// compare counts v on from the last reading, or waits when it cannot.
func (c *Counter) compare(v float64, l Limits) Step {
	switch by := v - c.Last; {
	case by < 0 && -by <= c.slack(l):
		return Noise
	case by < 0 || l.tooFar(by):
		c.Dip, c.Dipped = v, true
		return Waiting
	default:
		c.Total.Add(by)
		c.Before, c.Last = c.Last, v
		return Counted
	}
}

// settle decides with the reading after it what the one that was waited with was, which is the last one then.
func (c *Counter) settle(next float64, l Limits) Step {
	step, by := Reset, max(c.Dip, 0)
	jump := c.Last - c.Before
	switch slow := jump / 10; {
	case c.Dip > c.Last:
		by = math.Inf(1)
	case c.Dip >= c.Before && c.Dip-c.Before <= slow && math.Abs(next-c.Dip) <= slow:
		step, by = Glitch, c.Dip-c.Before-jump
	case l.Range > 0 && c.Last >= l.Range*3/4 && c.Dip < l.Range/4:
		step, by = Rolled, l.Range-c.Last+c.Dip
	}
	c.Last, c.Before = c.Dip, c.Dip
	if l.tooFar(by) {
		return Replaced
	}
	c.Total.Add(by)
	return step
}
