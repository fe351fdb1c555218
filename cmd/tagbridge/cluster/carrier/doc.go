// Package carrier carries beats of members by NATS: a Carrier is the connection to one server, which comes back by itself.
//
// It rests on what core NATS does: a server hands a connection what came by another one in the order in which it came, and closes a
// connection that cannot take what it is sent. Everything else that may have lost something ends the connection, and is said: then what
// was heard by it counts no more.
//
// The subject is tagbridge.BRIDGE.beat.SERVER, where the last is made of the name that the server has for itself: so a beat that is
// given to a server goes to those who are connected to the same one, and not over the routes of a cluster; and it does not matter
// by what URL anybody reaches it.
package carrier
