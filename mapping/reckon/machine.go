package reckon

import (
	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
)

// Value is what a formula gave, or what a machine made of that.
type Value struct {
	Time    int64   // nanoseconds since 1970
	Number  float64 // of true 1, of false 0; 0 where Quality is bad
	Quality mapping.Quality
}

// A Machine reckons one tag of the values of one formula. It has no clock and does no I/O; it allocates nothing in Put and Tick
// beyond memory that it uses again. It is used by one goroutine.
type Machine interface {
	// Put takes the next value, in the order of the journal. Its Time can be older than that of the one before: a late sample,
	// or a clock that was set back. What becomes of the tag is given to out.
	Put(v Value, out *Out)
	// Tick says what time it is: all that was taken by then has been Put. It is called when Due is over, and may be at any
	// other time. It is not called while what a run before has taken is made up for.
	Tick(now int64, out *Out)
	// Due is when Tick has something to do, should nothing be Put by then; 0: never.
	Due() int64
	// Met says that the journal holds v as a value of the tag itself. It is one that the machine gave before, in this run or
	// in one that was killed: what the clock had to do with it is to be done now, without giving it again. It is called only while
	// what a run before has taken is made up for.
	Met(v Value, out *Out)
	// Away says that from at on nothing is known of the inputs, until the next Put: the bridge did not run, or the journal has
	// lost samples.
	Away(at int64)
	// SetBack says what time it is, however far ahead of that the newest value is: one that is further ahead than the clock
	// allows for was taken before the clock was set back, and time goes on from now. Else it does nothing.
	SetBack(now int64)

	// AppendState appends all that the machine needs to go on, and ParseState takes it over; an error leaves the machine as
	// it was. The form begins with a version of its own.
	AppendState(dst []byte) []byte
	ParseState(b []byte) error
}

// Given is a value of a tag that is reckoned.
type Given struct {
	Tag int // index of the Spec
	Value
}

// Note is something that an engineer should know of a tag, such as that its counter began anew.
type Note struct {
	Tag  int
	Time int64
	Text string
}

// Change is what came of an alarm: its level has changed, or its quality.
type Change struct {
	Tag int // index of the Spec
	alarm.Output
}

// Out takes what machines give.
type Out struct {
	Values  []Given
	Notes   []Note
	changes []Change
	tag     int
}

// Give gives a value of the tag. Times of one tag grow, but for clocks that are set back.
func (o *Out) Give(v Value) { o.Values = append(o.Values, Given{o.tag, v}) }

// Say notes something at a time. It is for what is rare.
func (o *Out) Say(at int64, text string) { o.Notes = append(o.Notes, Note{o.tag, at, text}) }

// tell tells of what came of an alarm, which may have been given before.
func (o *Out) tell(list []alarm.Output) {
	for _, one := range list {
		o.changes = append(o.changes, Change{o.tag, one})
	}
}

func (o *Out) reset() { o.Values, o.Notes = o.Values[:0], o.Notes[:0] }
