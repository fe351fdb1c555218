// Package bridge is the running daemon: it makes lanes, journal and forwarders from a checked configuration, starts and
// stops them in order, and answers HTTP with what they show of themselves. It is the only place, with the verbs in
// cmd/tagbridge, that knows which drivers and sinks there are. It reads no configuration file and decides nothing
// about samples.
package bridge
