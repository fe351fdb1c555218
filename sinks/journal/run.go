package journal

import (
	"context"
	"sync"
	"time"
)

// Run writes, syncs and keeps the limits until ctx ends. Before it returns, everything appended by then is written and
// where a sink can see it; so the lanes are stopped before Run, and the forwarders after it.
func (j *Journal) Run(ctx context.Context) error {
	var others sync.WaitGroup
	others.Go(func() { tidier{j}.tidy(ctx) })
	if j.files != nil {
		others.Go(func() { disk{j}.keepSynced(ctx) })
		others.Go(func() { disk{j}.keepWatch(ctx) })
		others.Go(func() { indexer{j}.keepIndexed(ctx) })
		disk{j}.keepWritten(ctx)
	}
	others.Wait()
	if j.files != nil {
		disk{j}.flush()
		disk{j}.sync()
	}
	tidier{j}.logLosses()
	return nil
}

// keepWritten writes what was appended.
func (j disk) keepWritten(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.files.timer.C:
			j.flush()
		}
	}
}

// tidy logs what sinks lose, and removes what is not needed or not allowed any more. It takes its time: whoever counts
// what a sink loses with a segment must not keep others from writing.
func (j tidier) tidy(ctx context.Context) {
	const housekeeping = time.Minute
	ticker := time.NewTicker(housekeeping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if j.files != nil {
				j.forget()
			}
		case <-j.alert:
			j.logLosses()
		}
		if j.files != nil {
			j.retain(ctx)
		}
	}
}

// rouse lets tidy look.
func (j *Journal) rouse() {
	select {
	case j.alert <- struct{}{}:
	default:
	}
}
