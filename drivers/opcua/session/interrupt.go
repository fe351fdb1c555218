package session

import (
	"context"
	"time"
)

// past is a deadline that ends at once what waits for a connection.
var past = time.Unix(1, 0)

// interrupt has end called, which sets a deadline to past, when ctx ends. release takes that back, or waits until end
// has returned: one that came later would end the next read instead.
func interrupt(ctx context.Context, end func()) (release func()) {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		end()
	})
	return func() {
		if !stop() {
			<-ended
		}
	}
}
