//go:build !linux

package cluster

import "time"

// clock goes on while the process is stopped, and nobody sets it.
type clock struct{ began time.Time }

func newClock() clock { return clock{time.Now()} }

func (c clock) now() time.Duration { return time.Since(c.began) }
