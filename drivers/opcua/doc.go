// Package opcua reads OPC UA servers, by polling and by subscriptions: which nodes, in which requests, and what their
// values become. How requests travel is package session's, how they are encoded package wire's. It delivers nothing and
// knows no schedule: it is called by a drivers.Lane, and by the verbs that read once and that browse.
//
// A server that answers garbage, or values nested without end, costs its own device a connection and no other device
// anything: there are no goroutines here but the lane's own, all that is decoded is checked against its length and
// depth first, and Link.Do recovers from what would panic all the same. So no child process is needed for that; what
// it costs is a comparison for each length that is read.
package opcua
