package opcua

import (
	"fmt"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// clock is what is known of the server's. Its times are taken to the bridge's clock when the two differ by more than
// can be told: a series has one clock, and what the bridge says itself, such as that a connection is down, is in it, too.
type clock struct {
	at     time.Time     // when it was last looked at
	said   int64         // what it showed
	offset time.Duration // how far it is ahead, below 0: behind
	doubt  time.Duration // by how much that can be wrong; 0: nothing is known
	still  bool          // it stands still
}

const (
	clockEvery = 30 * time.Second
	// minDoubt is a difference that is none: clocks that are set over the network differ by less.
	minDoubt = 100 * time.Millisecond
	// worthTelling is a difference that an engineer should know of.
	worthTelling = time.Second
)

// take takes the server's time as it came for a request that was sent then. Not all servers show their time.
func (c *clock) take(v *wire.DataValue, sent, now time.Time) {
	c.at = now
	if v.Status.IsBad() || v.Value.Type != wire.TypeDateTime || v.Value.Array {
		c.doubt, c.still = 0, false
		return
	}
	said := wire.NewReader(v.Value.Raw).Time()
	if said == c.said && c.doubt != 0 && now.Sub(sent) < worthTelling {
		c.still = true
		return
	}
	c.said, c.still = said, false
	half := now.Sub(sent) / 2
	offset := time.Unix(0, said).Sub(sent.Add(half))
	doubt := half + minDoubt
	if said%int64(time.Second) == 0 {
		doubt += time.Second // whole seconds are all it shows
	}
	// What agrees with what is known is no news: the times of a series keep their distances.
	if d := offset - c.offset; c.doubt == 0 || d.Abs() > doubt+c.doubt {
		c.offset, c.doubt = offset, doubt
	}
}

// correction is what times of the server are ahead of the bridge's clock; 0 when that is less than can be told.
func (c *clock) correction() int64 {
	if c.doubt == 0 || c.offset.Abs() <= c.doubt {
		return 0
	}
	return int64(c.offset)
}

// String says what is wrong with the clock; "" for nothing.
func (c *clock) String() string {
	off := c.offset
	switch {
	case c.still:
		return "the server's clock does not move: the bridge's time is used"
	case c.correction() == 0 || off.Abs() < worthTelling:
		return ""
	case off > 0:
		return fmt.Sprintf("the server's clock is %v ahead: its times are corrected by that", off.Round(time.Second))
	}
	return fmt.Sprintf("the server's clock is %v behind: its times are corrected by that", -off.Round(time.Second))
}
