// Package member is what one member of a cluster does: whom it takes for living, what it reads, when it begins and when it
// stops. It has no clock and no network, so that days of faults can be played through in a second: it is told what came and what time it is.
//
// # What it rests on
//
// A member is connected to each of the NATS servers by itself, and says a Beat by each of them several times within
// Takeover, over core NATS, which needs no election. A server hands a connection what it was sent in the order in which it
// came; so when a member gets its own beat back from a server, it has got all that the server was given before. That is all that
// is asked of the servers: no quorum among them, no storage.
//
// # What it promises
//
// A member is attached while its beats come back from most of the servers. Two attached members have a server in common,
// and hear each other by it.
//
// To take an endpoint, a member says in its beats that it wants it, and takes it when such a beat has come back from most of
// the servers while nobody living holds it or wants it with a better right. Of two that want it, on each server the later one hears the
// earlier one before it gets its own beat back; they have a server in common, so at least one of them does not take it.
//
// A holder counts as dead when a beat came back that was sent Takeover after its last one was heard, from most of the servers. With
// Stop, a holder stops Guard before Takeover has passed since it sent the last beat that came back from most of the servers,
// which is before anybody can take it for dead: so there are never two readers, whatever is cut, paused or delayed,
// as long as monotonic clocks do not drift by more than Guard within Takeover. A member that was late has lost what it
// held, and begins as a new one. Without Stop it keeps what it has until it hears of somebody with a higher epoch.
package member
