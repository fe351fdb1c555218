// Package mapping says what a tag is and turns what was read on the wire into samples: raw registers become
// engineering values with a quality and a time.
//
// It does no I/O, starts no goroutine, writes no log and imports the standard library only. Drivers use it to decode
// and normalise, the journal to store, sinks to encode; mapping/config builds its types from files.
package mapping
