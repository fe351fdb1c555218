package mqtt

import (
	"context"
	"time"
)

// session is one connection to a broker, of either version; once it has ended a new one is made. Its methods are for one
// goroutine at a time.
type session interface {
	// publish sends m as number slot of the window, which must be free. An error means that the session is no more.
	publish(slot int, m *outgoing) error
	// answered can be received from once the broker has answered slot, or the session has ended; at QoS 0, once m was
	// taken for writing.
	answered(slot int) <-chan struct{}
	// verdict is that answer, received from answered before: nil, a *refusal, or why the session has ended. The slot is
	// free again.
	verdict(slot int) error
	// reason is why the session has ended, once it has, as far as the broker has said or the connection shows.
	reason() error
	// limits are the broker's.
	limits() limits
	// close ends the session; with a goodbye the broker does not publish the will.
	close(goodbye bool)
}

// limits is what a broker takes.
type limits struct {
	inFlight int  // messages without an acknowledgement
	packet   int  // bytes of a packet; 0: any
	retain   bool // retained messages
}

// login is what a session begins with.
type login struct {
	clientID, username, password string
	window                       int
	qos                          byte
	will                         *will // nil: none
	leave                        byte  // reason code of the goodbye, in MQTT 5
	timeout                      time.Duration
}

// will is what the broker publishes when the connection ends without a goodbye.
type will struct {
	topic   string
	payload []byte
	qos     byte
	retain  bool
}

// offline and online are the state that the will and the birth publish.
const (
	offline = "offline"
	online  = "online"
)

// connect opens a session over w, which it owns from now on.
type connect func(ctx context.Context, w *wire, l login) (session, error)
