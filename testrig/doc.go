// Package testrig starts what tests of tagbridge need around it: software PLCs (testrig/plc) and an InfluxDB stand-in
// (testrig/influxd), on loopback, stopped when the test ends. The programs testrig/bench and testrig/soak measure and
// punish the built binary with the same parts.
//
// Everything under testrig imports mapping for what a tag is and where, and never drivers, sinks or mapping's decoding:
// it writes its own wire bytes from the specifications, so that a mistake made twice does not cancel out.
package testrig
