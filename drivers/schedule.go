package drivers

import (
	"hash/fnv"
	"time"
)

// origin is what slots are counted from: one for the whole process, so that jobs of different lanes in one slot wake
// at one instant. Waking ten lanes together costs a fraction of waking them one by one.
var origin = time.Now()

// moment is one reading of the clock.
type moment struct {
	mono time.Duration // since the origin: what schedules count in, untouched by steps of the wall clock
	wall int64         // nanoseconds since 1970 UTC: what samples carry
}

// offset is what turns a mono into a wall at m.
func (m moment) offset() time.Duration { return time.Duration(m.wall) - m.mono }

// shortest is the least period: below it a lane would do nothing but schedule.
const shortest = time.Millisecond

// alignedRest is how soon after its first read an aligned job may be read again.
const alignedRest = time.Second

// schedule says when a job is read. It is its lane's.
type schedule struct {
	period time.Duration
	phase  time.Duration
	align  bool

	due     time.Duration // when the next round begins, or the running one had to begin
	key     time.Duration // the deadline of the round, by which exchanges are ordered
	seq     uint64        // and for equal ones, which began first to wait
	since   time.Duration // when the job last began to wait for its turn
	rank    rank
	queue   *queue // nil: in none
	pos     int    // in queue
	free    bool   // due is not an instant of the phase: first read, or back after an outage
	running bool   // between the first exchange of a round and its last

	done      time.Duration // when a round was last complete
	start     time.Duration // of the running round
	step      int
	exchanges int
	answered  bool   // the running round has its first answer
	first     moment // of that
}

// newSchedule is the schedule of a job of the device.
func newSchedule(device string, period time.Duration, align bool) schedule {
	period = max(period, shortest)
	return schedule{period: period, phase: slot(device, period), align: align}
}

// Due is when in each of its periods j is due, from an instant that all jobs have in common: that of the start, or of an
// aligned one the beginning of the day in UTC.
func (j *Job) Due() time.Duration {
	if j.Align {
		return 0
	}
	return slot(j.Device.Name, max(j.Period, shortest))
}

// gridStep is how far slots are apart. Waking many lanes at once costs a fraction of waking them one by one: with steps
// of 200 instead of 100 ms, 1,000 devices of 20 tags cost a fifth less.
const gridStep = 200 * time.Millisecond

// slot is the phase of a device's jobs: one of those that gridStep leaves in a period, and none for shorter ones. Jobs of
// one device whose periods are multiples of each other meet in one slot.
func slot(device string, period time.Duration) time.Duration {
	grid := min(gridStep, period)
	h := fnv.New64a()
	h.Write([]byte(device))
	v := h.Sum64()
	v ^= v >> 33 // the low bits of FNV of names that end in numbers are not spread well
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	return time.Duration(v%uint64(period/grid)) * grid
}

// onPhase is the first instant at or after t that is phase and a whole number of periods.
func onPhase(t, phase, period time.Duration) time.Duration {
	past := (t - phase) % period
	if past < 0 {
		past += period
	}
	if past == 0 {
		return t
	}
	return t - past + period
}

// slewed moves due to the nearest whole multiple of period on the wall clock, by at most a quarter of the period: a
// step of the clock shortens or lengthens one or two intervals and makes neither a gap nor a burst.
func slewed(due, offset, period time.Duration) time.Duration {
	past := (due + offset) % period
	if past > period/2 {
		past -= period
	}
	return due - min(max(past, -period/4), period/4)
}

// begin starts a round at now. A round that is late by whole periods stands for the last poll that is due; those
// before are skipped and returned, never made up for.
func (s *schedule) begin(now time.Duration) (skipped uint64) {
	s.start, s.step, s.exchanges = now, 0, 0
	s.running, s.answered = true, false
	if s.free || now < s.due+s.period {
		return 0
	}
	n := (now - s.due) / s.period
	s.due += n * s.period
	return uint64(n)
}

// end finishes the round and sets when the next is due: a period after this one, or after a read out of phase the
// first instant of the phase that is not too close behind.
func (s *schedule) end(m moment) {
	s.done = m.mono
	switch {
	case s.free && s.align:
		s.due = onPhase(s.start+min(s.period/2, alignedRest), -m.offset(), s.period)
	case s.free:
		s.due = onPhase(s.start+s.period/2, s.phase, s.period)
	case s.align:
		s.due = slewed(s.due+s.period, m.offset(), s.period)
	default:
		s.due += s.period
	}
	s.free, s.running = false, false
}

// restart makes the job due at now, out of phase, whatever it was doing.
func (s *schedule) restart(now time.Duration) {
	s.due, s.free, s.running = now, true, false
}
