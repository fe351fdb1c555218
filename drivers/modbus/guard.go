package modbus

import (
	"context"
	"time"

	"tagbridge/drivers"
)

// guard ends what waits for a connection when a context ends. One that stays the same costs it nothing.
type guard struct {
	done    <-chan struct{}
	release func() // nil: nothing is watched
}

// leave returns when no other context than ctx can end anything any more: a deadline is set after that, as an earlier
// one that has just ended would put it in the past.
func (g *guard) leave(ctx context.Context) {
	if g.done != ctx.Done() {
		g.clear()
	}
}

// watch sets a deadline that is over when ctx ends, until clear or another ctx.
func (g *guard) watch(ctx context.Context, deadline func(time.Time) error) {
	if g.release != nil && g.done == ctx.Done() {
		return
	}
	g.clear()
	g.done, g.release = ctx.Done(), drivers.Interrupt(ctx, deadline)
}

// clear returns when nothing can be set any more.
func (g *guard) clear() {
	if g.release == nil {
		return
	}
	g.release()
	g.release = nil
}
