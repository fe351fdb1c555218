// Package sparkplug makes what an edge node of Sparkplug B 3.0 publishes: births, data and deaths of the node and of its
// devices, as topics and payloads, with their sequence, their aliases, and the flag of what is history. It reads the little
// that such a node is sent: commands, and the state of the primary host. It opens no connection and keeps no file; the sink
// of package mqtt calls it.
//
// Payloads are written field by field, by their numbers in the specification (Sparkplug 3.0.0, chapter 6): of the schema only
// a few messages are used, and what one sample costs is to be known.
//
// Its words, besides the specification's:
//
//   - A series is unborn when the last birth of its device does not have it, or has it with a type that cannot hold its value.
//   - A Node asks when it cannot go on without the present values of all tags, because a birth has to be made first.
//   - An introduction is the view that has them: see sinks.Introduce.
package sparkplug
