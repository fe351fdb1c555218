// Package node is how nodes of OPC UA servers, and parts of their values, are written: a node id or browse path in the
// column address of a tag map, and what is in its column element. It is the only parser of both: what loads a map
// parses once, and drivers, simulators and verbs take what it parsed. It does no I/O and imports nothing of the program.
package node
