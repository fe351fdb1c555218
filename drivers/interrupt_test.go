package drivers

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
		release := Interrupt(ctx, func(time.Time) error {
			time.Sleep(time.Second) // it has begun, and is not over
			over = true
			return nil
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
		release := Interrupt(ctx, func(time.Time) error {
			t.Error("ended after it was released")
			return nil
		})
		release()
		cancel()
		synctest.Wait()
	})
}
