// Package nats delivers samples to a stream of NATS JetStream as messages, several of them in flight: it publishes once, and
// says what to do about what was not acknowledged. It never retries and keeps nothing; sinks.Forwarder calls it.
//
// The protocol is spoken by nats.go, of which each connection is used once: it does not reconnect and buffers nothing, so the
// journal is the only store. What a server sends passes a front of ours before the library's parser. TLS is ours, too.
//
// Two messages of one series are never in flight at a time. A stream may take the second without the first: when it was full and
// is not any more, when its leader changes in between, or when the first was too large. Sent again, the first would come after
// the second.
package nats
