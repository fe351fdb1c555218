package opcua

import "time"

// What a device's time must not be: before oldest, which is a clock that was never set, or too far ahead.
var oldest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

const (
	ahead       = int64(time.Minute)
	stampBridge = -1 // the bridge's time is wanted
)

// stamps keeps what is needed to date the values of a plan.
type stamps struct {
	badAt []int64 // by index: when the tag was last bad, by the bridge's clock
}

func (s *stamps) init(n int) { s.badAt = make([]int64, n) }

func (s *stamps) bad(i int, now int64) { s.badAt[i] = now }

// lost notes that the connection is down: all tags are bad.
func (s *stamps) lost(now int64) {
	for i := range s.badAt {
		s.badAt[i] = now
	}
}

// of is the time of a good value of tag i that the server dates at, by the bridge's clock; 0 has the lane date it. A time
// that is missing or cannot be is not used. A value older than the tag's last outage is dated when it was read: it has
// been found to hold then, and its own time would put it before the outage.
func (s *stamps) of(i int, at, now int64, c *clock, n *notes) int64 {
	if at == stampBridge {
		return 0
	}
	latest := now + ahead
	if c.doubt != 0 {
		latest = now + int64(c.doubt) + int64(time.Second)
	}
	own := at - c.correction()
	if own > latest && at >= oldest && at <= latest {
		own = at // a source with a clock of its own
	}
	switch {
	case at == 0, c.still, own < oldest, own > latest:
		n.wrongTimes++
		return 0
	case own <= s.badAt[i]:
		return 0
	}
	return own
}
