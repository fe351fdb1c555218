package alarm

import "math"

// Sample is one reading of the tag, in the order in which they came.
type Sample struct {
	Time    int64 // nanoseconds since 1970
	Value   float64
	Quality uint32 // an OPC UA status code; a bad one has no value
}

// Output is a sample of the alarm: its level has changed, or what its quality is called.
type Output struct {
	Time    int64
	Level   Level
	Before  Level // as the output before it has it
	First   bool  // there was none before
	Quality uint32
	// Value is the one that did it: the last that there was.
	Value float64
	// Since is when there came to be the alarm that there is, or that is over with this; Changed is when its level became what
	// it is. They are 0 where there was none.
	Since, Changed int64
}

// State is one alarm. The zero value is one that has seen nothing. It is used by one goroutine.
type State struct {
	at      int64            // up to here time is counted
	elapsed [NumLevels]int64 // how long the value has been so that the level changes, where running has its bit
	running uint8            // levels that are about to be raised, or to end
	active  uint8            // levels that are raised
	holds   bool             // value is the present one: time counts
	any     bool             // there was an output
	valued  bool             // value is one
	level   Level            // of the last output
	quality uint32           // likewise
	value   float64
	since   int64 // when there came to be an alarm
	changed int64 // when its level became what it is
}

// Put takes a sample, and appends what comes of it and of the time before it to dst, in the order of their times, each time
// once. most is how much time can have passed at most, where the time of the sample cannot be trusted with that;
// math.MaxInt64: it can. Time that goes back counts nothing.
func (st *State) Put(dst []Output, r *Rule, s Sample, most int64) []Output {
	if st.holds {
		st.limit(s.Time, most)
		dst = st.pass(dst, r, s.Time-int64(r.Grace), s.Time)
	}
	if bad := s.Quality>>31 != 0; bad {
		st.holds = false
	} else {
		changing := r.changing(st.active, s.Value)
		if st.holds {
			st.stop(st.running &^ changing)
			dst = st.pass(dst, r, s.Time, s.Time)
			changing = r.changing(st.active, s.Value)
		}
		st.stop(st.running &^ changing)
		st.running |= changing
		st.value, st.valued, st.holds = s.Value, true, true
	}
	st.at = s.Time
	if st.holds {
		dst = st.pass(dst, r, s.Time, s.Time)
	}
	return st.tell(dst, s.Time, named(s.Quality))
}

// Tick has time go by up to now, in the time of the samples, and appends what comes of it to dst. What it gives does not
// depend on how often it is called.
func (st *State) Tick(dst []Output, r *Rule, now int64) []Output {
	if !st.holds || st.running == 0 {
		return dst
	}
	return st.pass(dst, r, now-int64(r.Grace), math.MaxInt64)
}

// Due is when the next Tick has something to do, in the time of the samples; false: the next sample comes first.
func (st *State) Due(r *Rule) (at int64, ok bool) {
	if !st.holds || st.running == 0 {
		return 0, false
	}
	return st.at + st.rest(r) + int64(r.Grace), true
}

// Away says that nothing is known of the value from now on until the next sample, as when the bridge was not there.
func (st *State) Away() { st.holds = false }

// Rejudge has the state go on under a rule of another identity, by the last value that there was: what is raised stays so
// where the value is beyond the limits as they are now, and delays begin anew. It is told with the next sample.
func (st *State) Rejudge(r *Rule) {
	st.stop(st.running)
	for l := Lo; l < NumLevels; l++ {
		if bit := uint8(1) << l; r.used&bit == 0 || !st.valued || !r.beyond(l, st.value) {
			st.active &^= bit
		}
	}
	st.holds = false
}

// limit has no more than most have passed until the time at.
func (st *State) limit(at, most int64) {
	if at < st.at {
		st.at = at
	}
	if at-st.at > most {
		st.at = at - most
	}
}

func (st *State) stop(bits uint8) {
	for l := Lo; bits != 0 && l < NumLevels; l++ {
		if bits&(1<<l) != 0 {
			st.elapsed[l] = 0
		}
	}
	st.running &^= bits
}

// pass counts the time up to to, in which the value was what it is. What comes of it at the time until is not told yet.
func (st *State) pass(dst []Output, r *Rule, to, until int64) []Output {
	for st.running != 0 {
		rest := st.rest(r)
		if st.at+rest > to {
			break
		}
		st.count(rest)
		st.fire(r)
		if st.at < until {
			dst = st.tell(dst, st.at, st.quality)
		}
	}
	if to > st.at {
		st.count(to - st.at)
	}
	return dst
}

// rest is how long it takes until the next level changes.
func (st *State) rest(r *Rule) int64 {
	rest := int64(math.MaxInt64)
	for l := Lo; l < NumLevels; l++ {
		if st.running&(1<<l) != 0 {
			rest = min(rest, max(0, st.delay(r, l)-st.elapsed[l]))
		}
	}
	return rest
}

// delay is how long level l has to be about to change.
func (st *State) delay(r *Rule, l Level) int64 {
	if st.active&(1<<l) != 0 {
		return int64(r.OffDelay)
	}
	return int64(r.OnDelay)
}

func (st *State) count(d int64) {
	st.at += d
	for l := Lo; l < NumLevels; l++ {
		if st.running&(1<<l) != 0 {
			st.elapsed[l] += d
		}
	}
}

// The levels of each side.
const (
	highs = 1<<Hi | 1<<HiHi
	lows  = 1<<Lo | 1<<LoLo
)

// fire changes the levels whose delay is over.
func (st *State) fire(r *Rule) {
	for l := Lo; l < NumLevels; l++ {
		bit := uint8(1) << l
		if st.running&bit == 0 || st.elapsed[l] < st.delay(r, l) {
			continue
		}
		st.active ^= bit
		st.stop(bit)
		if st.active&bit == 0 {
			continue
		}
		other := uint8(highs)
		if bit&highs != 0 {
			other = lows
		}
		st.active &^= other
		st.stop(other)
	}
}

// worst is the level that there is of those that are raised.
func (st *State) worst() Level {
	for _, l := range [...]Level{HiHi, LoLo, Hi, Lo} {
		if st.active&(1<<l) != 0 {
			return l
		}
	}
	return None
}

// named is what sinks are told of a quality: a good value is good, however it came about, and info bits have no name.
func named(q uint32) uint32 {
	if q>>30 == 0 {
		return 0
	}
	return q &^ 0xFFFF
}

// tell appends what has changed at that time, if anything has.
func (st *State) tell(dst []Output, at int64, quality uint32) []Output {
	level := st.worst()
	if st.any && level == st.level && quality == st.quality {
		return dst
	}
	if level != st.level {
		st.changed = at
		if st.level == None {
			st.since = at
		}
	}
	o := Output{Time: at, Level: level, Before: st.level, First: !st.any, Quality: quality, Value: st.value}
	if level != None || st.level != None {
		o.Since, o.Changed = st.since, st.changed
	}
	st.level, st.quality, st.any = level, quality, true
	return append(dst, o)
}

// Level is that of the last output; None before the first.
func (st *State) Level() Level { return st.level }

// Quality is that of the last output.
func (st *State) Quality() uint32 { return st.quality }

// At is up to when time is counted while a delay is under way; else 0, or any time before.
func (st *State) At() int64 { return st.at }

// Began reports that there was an output.
func (st *State) Began() bool { return st.any }

// Since is when there came to be the alarm that there is, and Changed when its level became what it is; without an alarm
// they are those of the last one.
func (st *State) Since() int64 { return st.since }

// Changed is described at Since.
func (st *State) Changed() int64 { return st.changed }

// Value is the last that there was; false: there was none, or it was not kept.
func (st *State) Value() (float64, bool) { return st.value, st.valued }

// Meet brings the state to an output of its own that is known from before: one that the clock brought about, after all samples
// that the state has seen. Others have been made up for by their samples. What came of it is appended to dst: it was given
// before, but it may not have been told of.
func (st *State) Meet(dst []Output, r *Rule, at int64, level Level) []Output {
	if !st.holds || at <= st.at || level >= NumLevels {
		return dst
	}
	dst = st.pass(dst, r, at, math.MaxInt64)
	if level == st.level {
		return dst
	}
	st.stop(st.running)
	st.active = r.upTo(level)
	dst = st.tell(dst, at, st.quality)
	st.running = r.changing(st.active, st.value)
	return dst
}

// upTo are the levels that are raised when l is the worst.
func (r *Rule) upTo(l Level) uint8 {
	bits := uint8(0)
	switch l {
	case HiHi:
		bits = highs
	case LoLo:
		bits = lows
	case Hi, Lo:
		bits = 1 << l
	}
	return bits & r.used
}
