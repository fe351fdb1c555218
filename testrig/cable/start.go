package cable

import (
	"context"
	"testing"
)

// Start makes a cable on host, which is there until t ends.
func Start(t testing.TB, host, target string) *Cable {
	t.Helper()
	c, err := New(host, target)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("cable to %s: %v", target, err)
		}
	})
	return c
}
