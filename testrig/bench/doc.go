// Bench measures the built bridge against what the design asks of it, and prints both side by side.
//
//	go run ./testrig/bench -bin bin/tagbridge [-rows 100x500,dead] [-seconds 20] [-json] [-digits]
//
// The bridge runs as a child process, so that its processor time and memory are its own; the software PLCs, the
// InfluxDB stand-in, the delaying proxy and the bare poll loop ("floor") are children of another kind: this program
// itself, started again with a role. What a child counts is asked for in lines of JSON over its standard input and
// output. Read times come from the PLCs: when a device's requests arrive, against the steady beat that fits them best.
package main
