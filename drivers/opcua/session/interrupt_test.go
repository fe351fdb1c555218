package session

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestInterruptIsOverWhenReleased has a context end at the moment at which what it interrupts is done.
func TestInterruptIsOverWhenReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		over := false
		release := interrupt(ctx, func() {
			time.Sleep(time.Second) // it has begun, and is not over
			over = true
		})
		cancel()
		synctest.Wait()
		release()
		if !over {
			t.Error("what ends a read is still under way, and would end the next one")
		}
	})
}

func TestInterruptIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		release := interrupt(ctx, func() { t.Error("ended after it was released") })
		release()
		cancel()
		synctest.Wait()
	})
}
