// Package wire is the binary encoding of OPC UA (Part 6, 5.2): what is sent is appended to a byte slice, what was
// received is read from one. It knows no connection, no clock and no security, and it trusts nothing it reads: every
// length is checked against the bytes that are there and every nesting against a depth, so that an answer of any
// content ends in a value or in an error, never in a panic or in memory without bound. What it returns of values are
// parts of the bytes it was given.
package wire
