// Package journal stands between the lanes and the forwarders: one log of samples for all sinks, with a cursor for
// each. Append copies a batch into a tail in memory and returns; Next hands a sink what it has not had yet; Ack moves
// its cursor. With a folder, files lie under the tail and outlive the process.
//
// Positions count samples and are never used twice, so that every loss is known to the sample. The journal never
// waits for a sink and no lane ever waits for a file. It knows nothing of how a sample was read or where it goes.
package journal
