package bridge

import (
	"context"
	"os"
	"time"
)

// mendEvery is how often what could not be opened is tried again.
const mendEvery = 5 * time.Second

// attend does what comes up while the bridge runs, until ctx ends: reloads, mending what could not be opened, and what
// systemd wants to hear. Only one of these is under way at a time. Its error is ErrDisk.
func (b *Bridge) attend(ctx context.Context) error {
	defer close(b.stopped)
	if b.o.Load != nil {
		b.watcher.watch(b.o.First.Files)
		b.secrets.watch(secretsAmong(b.o.First.Files))
		if b.o.Refused == nil {
			b.remember(b.o.First, Note{}, nil)
		}
		b.o.First = Loaded{}
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	mend := time.NewTicker(mendEvery)
	defer mend.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case lost := <-b.lost:
			b.loseFront(lost)
		case <-b.o.Hangup:
			b.reload(ctx, nil, Note{})
		case a := <-b.asks:
			a.done <- b.answer(ctx, &a)
		case <-mend.C:
			b.mendFront()
			if b.diskIsBack() {
				return ErrDisk
			}
		case <-second.C:
			b.keepPace()
			if b.changed() {
				b.reload(ctx, nil, Note{})
			}
			b.notify.beat(b.stuck, b.status)
		}
	}
}

// changed reports that there is something new to load. Without bridge.watch that is a secret that a device or sink waits
// for, or a change of a configuration that was refused at the start.
func (b *Bridge) changed() bool {
	cfg := b.now.Load().cfg
	switch {
	case b.o.Load == nil:
		return false
	case cfg.Bridge.Watch || b.reloads.onLastGood():
		return b.watcher.settled() && !b.changing()
	case holds(cfg):
		return b.secrets.settled()
	}
	return false
}

// changing reports that files are being changed by another program, or that it was killed at it: they are loaded when that has
// ended, or was taken back.
func (b *Bridge) changing() bool {
	_, err := os.Stat(HistoryIn(b.now.Load().cfg.Bridge.DataDir).Changing())
	return err == nil
}

// secretsAmong are those of files that hold no configuration and no tags.
func secretsAmong(files []File) []File {
	var list []File
	for _, f := range files {
		if !f.IsText() {
			list = append(list, f)
		}
	}
	return list
}
