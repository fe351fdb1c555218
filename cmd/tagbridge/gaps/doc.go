// Package gaps accounts for the timeline of every tag: when it was read, when it was not and why, and what of that each
// sink has got, has still to get, or never will. It is told by what a data directory holds: the events, the samples that
// the journal still has, the positions and the books of the sinks, the samples that they refused. It changes nothing
// there, needs no bridge that runs, and asks no device. Account is the one computation of it: package bridge calls it
// for the verb and for the API.
package gaps
