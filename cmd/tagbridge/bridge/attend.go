package bridge

import (
	"context"
	"time"
)

// attend does what comes up while the bridge runs, until ctx ends or the HTTP server is lost: reloads, and what
// systemd wants to hear. Only one reload is under way at a time.
func (b *Bridge) attend(ctx context.Context) error {
	if b.o.Load != nil {
		b.watcher.watch(b.o.First.Files)
		b.remember(b.o.First)
		b.o.First = Loaded{}
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-b.lost:
			return err
		case <-b.o.Hangup:
			b.reload(ctx)
		case <-second.C:
			b.keepPace()
			if b.now.Load().cfg.Bridge.Watch && b.watcher.settled() {
				b.reload(ctx)
			}
			b.notify.beat(b.stuck, b.status)
		}
	}
}
