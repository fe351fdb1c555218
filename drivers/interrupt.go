package drivers

import (
	"context"
	"time"
)

// past is a deadline that ends at once what waits for a connection.
var past = time.Unix(1, 0)

// Interrupt sets a connection's deadline to one that is over when ctx ends. release takes that back, or waits until the
// deadline is set: one that was set later would end the connection's next use instead.
func Interrupt(ctx context.Context, deadline func(time.Time) error) (release func()) {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		deadline(past)
	})
	return func() {
		if !stop() {
			<-ended
		}
	}
}
