// Package mqtt delivers samples to an MQTT broker, version 5 or 3.1.1, as messages with a window of them in flight: it
// encodes and publishes once, and says what to do about what was not acknowledged. It never retries and keeps nothing
// but what the broker said of messages behind a refused one; sinks.Forwarder calls it.
//
// The protocol is spoken by Eclipse's Go clients. Both are used for one connection each and then left to the collector:
// what they offer to survive a lost connection (their stores, queues and reconnects) acknowledges messages that no broker
// has, so the journal is the only store and a new connection is a new client.
package mqtt
