// Package sinktest is what every sinks.Sink has to pass: Run tests all that the contract of sinks.Sink says. A new sink
// names itself in a test of its own,
//
//	func TestConformance(t *testing.T) { sinktest.Run(t, peer) }
//
// where peer starts what the sink delivers to, and says how a sink for it is opened, what it has taken, and how it is made
// to fail. Peers that take nothing but what they are sent, such as a sink whose acknowledgement is the socket's, have nothing
// to test here.
//
// It imports sinks for the interface only, and reads what arrived by itself.
package sinktest
