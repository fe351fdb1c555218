package drivers

import "time"

// What a lane does beside reading: it repeats samples, and sends the health of its devices each minute. A chore that is
// due waits up to choreSlack for a job that wakes the lane anyway.
const (
	repeatEvery = time.Second
	minuteEvery = time.Minute
	choreSlack  = time.Second
)

// chores says when they are due.
type chores struct {
	name     string // of the lane
	repeatAt time.Duration
	minuteAt time.Duration // when the running minute ends
	minuteOf time.Duration // and when it began
}

func (c *chores) start(now time.Duration) { c.minuteOf, c.minuteAt = now, c.nextMinute(now) }

// nextMinute is when the minute after now ends, which is spread over the lanes.
func (c *chores) nextMinute(now time.Duration) time.Duration {
	return onPhase(now+1, slot(c.name, minuteEvery), minuteEvery)
}

// wake is when to wake: at due, if there is a job to wait for, or before that for a chore.
func (c *chores) wake(due time.Duration, timed, repeats bool) time.Duration {
	at := c.minuteAt
	if repeats {
		at = min(at, c.repeatAt)
	}
	if timed && due <= at+choreSlack {
		return due
	}
	return at
}

// repeat reports that the time has come to repeat samples.
func (c *chores) repeat(now time.Duration) bool {
	if now < c.repeatAt {
		return false
	}
	c.repeatAt = now + repeatEvery
	return true
}

// minute reports that the running minute is over; minuteOf stays until it is dealt with.
func (c *chores) minute(now time.Duration) bool {
	if now < c.minuteAt {
		return false
	}
	c.minuteAt = c.nextMinute(now)
	return true
}
