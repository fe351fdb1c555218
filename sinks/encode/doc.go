// Package encode turns samples into the texts that sinks send: line protocol, JSON and CSV. It appends to what the
// caller gives it and does nothing else: no I/O, no clock, no log. What depends on the group alone is prepared once
// a group, so that a sample costs its number and a copy of its key.
//
// Encoders are for one goroutine at a time. sinks and the packages below it call them.
package encode
