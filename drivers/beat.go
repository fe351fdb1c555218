package drivers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// The beats of housekeeping. One that is due waits up to beatSlack for a job that wakes the lane anyway.
const (
	repeatBeat = time.Second
	minuteBeat = time.Minute
	beatSlack  = time.Second
)

// start sets the beats going. The minute's is spread over the lanes.
func (l *Lane) start(now moment) {
	l.minuteOf, l.minuteAt = now.mono, l.nextMinute(now.mono)
	l.meter.start(now.mono)
}

func (l *Lane) nextMinute(now time.Duration) time.Duration {
	return onPhase(now+1, slot(l.name, minuteBeat), minuteBeat)
}

// housekeeping is when to wake: at due, if there is a job to wait for, or before that for a beat.
func (l *Lane) housekeeping(due time.Duration, timed bool) time.Duration {
	at := l.minuteAt
	if l.out.repeats() {
		at = min(at, l.repeatAt)
	}
	if timed && due <= at+beatSlack {
		return due
	}
	return at
}

// tidy does the housekeeping that is due at now.
func (l *Lane) tidy(now moment) {
	if now.mono >= l.repeatAt && l.out.repeats() {
		l.repeatAt = now.mono + repeatBeat
		l.out.repeat(l.applied, now)
	}
	if now.mono >= l.minuteAt {
		l.minuteAt = l.nextMinute(now.mono)
		l.minute(now)
	}
}

// minute sends the health of the devices and follows the wall clock with jobs that wait long for it.
func (l *Lane) minute(now moment) {
	l.out.flush()
	for _, d := range l.current() {
		if s := d.now(); s != Connecting {
			mean, ok := d.lastMinute()
			if !ok {
				mean = -1
			}
			l.out.sendHealth(d, s == Online, mean, now)
		}
	}
	for _, j := range l.applied {
		j.lastSpent, j.spent = j.spent, 0
	}
	l.judgeLoad(now)
	l.minuteOf = now.mono
	for _, j := range l.applied {
		s := &j.sched
		if s.align && !s.free && s.queue == &l.agenda.waiting && s.period > 2*minuteBeat {
			s.due = slewed(s.due, now.offset(), s.period)
			l.agenda.wait(j)
		}
	}
}

// saturated is the share of its time from which on a line has none to spare.
const saturated = 0.95

// judgeLoad logs that the line has become too slow for what is asked of it, or no longer is.
func (l *Lane) judgeLoad(now moment) {
	busy, _, _ := l.meter.read(now.mono)
	late := l.late
	l.late = 0
	switch over := late > 0 && busy >= saturated; {
	case over && !l.overload:
		l.log.Warn("line overloaded: read these less often", "busy_percent", math.Round(busy*100), "late", late,
			"slow_down", l.heaviest(now.mono-l.minuteOf))
	case !over && l.overload:
		l.log.Info("line keeps up again", "busy_percent", math.Round(busy*100))
	default:
		return
	}
	l.overload = !l.overload
}

// heaviest names the devices and periods that took most of the last minute, of which the lane has run so much.
func (l *Lane) heaviest(minute time.Duration) string {
	const most = 3
	jobs := slices.Clone(l.applied)
	slices.SortStableFunc(jobs, func(a, b *Job) int { return cmp.Compare(b.lastSpent, a.lastSpent) })
	var list []string
	for _, j := range jobs[:min(len(jobs), most)] {
		share := float64(j.lastSpent) / float64(max(minute, 1))
		list = append(list, fmt.Sprintf("%s every %v: %.0f %%", j.Device.Name, j.Period, 100*share))
	}
	return strings.Join(list, ", ")
}
