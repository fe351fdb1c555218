package bridge

import (
	"context"
	"time"

	"tagbridge/sinks"
)

// resendLook is how often is looked whether rejected samples have been sent again.
const resendLook = 50 * time.Millisecond

// Resend asks the sink of that name of the running configuration, which there is, to send again what it rejected, as
// journal resend does: over the connection that it has, after a restart too. It returns how many samples that are; 0 when
// there are none, or it has been asked already.
func (b *Bridge) Resend(sink string) (samples uint64, err error) {
	s := b.sinkState(sink)
	if s.Kept == 0 || s.Resending {
		return 0, nil
	}
	return s.Kept, sinks.AskResend(rejectedDir(b.now.Load().cfg.Bridge.DataDir, sink))
}

// AwaitResend returns when the sink has dealt with what it was asked to send again, or ctx ends, with its state then.
func (b *Bridge) AwaitResend(ctx context.Context, sink string) SinkState {
	folder := rejectedDir(b.now.Load().cfg.Bridge.DataDir, sink)
	look := time.NewTicker(resendLook)
	defer look.Stop()
	for waits := true; waits && sinks.ResendAsked(folder); {
		select {
		case <-look.C:
		case <-ctx.Done():
			waits = false
		case <-b.stopped:
			waits = false
		}
	}
	return b.sinkState(sink)
}

// sinkState is that of the sink of that name; the zero state when there is none.
func (b *Bridge) sinkState(sink string) SinkState {
	for _, s := range b.Sinks() {
		if s.Sink == sink {
			return s
		}
	}
	return SinkState{}
}
