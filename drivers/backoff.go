package drivers

import (
	"math/rand/v2"
	"time"
)

// The bounds of the pause between attempts to open a link; up to half as much again is added by chance.
const (
	firstPause = time.Second
	lastPause  = 20 * time.Second
	pauseGrows = 3 // so that there are three attempts in ten seconds at most
)

// backoff makes growing pauses, of 1 to 30 s. The zero value is ready to use.
type backoff struct{ pause time.Duration }

// next is the pause to make. A part of it is chance, so that lanes that failed together do not come back together.
func (b *backoff) next() time.Duration {
	b.pause = min(max(pauseGrows*b.pause, firstPause), lastPause)
	return b.pause + rand.N(b.pause/2)
}

func (b *backoff) reset() { b.pause = 0 }
