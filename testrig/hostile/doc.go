// Package hostile holds peers that do what no peer should: a PLC, an OPC UA server, a database, a broker and a stream, each told by a
// script of one line a fault what to do, when, how often and to whom. They speak the wire by themselves, and know nothing of
// how the bridge does. For tests; all listen on loopback.
package hostile
