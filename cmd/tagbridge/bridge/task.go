package bridge

import "context"

// task is a goroutine that can be ended.
type task struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when it has ended
}

// begin runs f until it returns, which it does soon after its context ends.
func begin(f func(context.Context)) *task {
	ctx, cancel := context.WithCancel(context.Background())
	t := &task{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		f(ctx)
	}()
	return t
}

// end ends the task and waits until it has ended or ctx has; it reports the first.
func (t *task) end(ctx context.Context) bool {
	t.cancel()
	select {
	case <-t.done:
		return true
	case <-ctx.Done():
		return false
	}
}
