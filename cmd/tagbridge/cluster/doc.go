// Package cluster makes bridges with one name share their endpoints, by NATS: it runs a member (package member) on the
// connections to the servers (package carrier), and says what this bridge is to read.
//
// It reads no device, and knows none: an endpoint is a name. The bridge asks Reads before each request, and is told of changes by
// Options.Held. DESIGN.md has the protocol, and what it does not promise.
package cluster
