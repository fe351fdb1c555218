// Package bridge is the running daemon: it makes lanes, journal and forwarders from a checked configuration, starts and
// stops them in order, and shows how they are doing by snapshots: cmd/tagbridge/web, above it, answers HTTP with them.
// It is the only place, with the verbs in cmd/tagbridge, that knows which drivers and sinks there are. It reads no
// configuration file, answers nobody and decides nothing about samples.
package bridge
