// Package file delivers samples to a file or to standard output, as JSON lines, line protocol or CSV. A sample is
// acknowledged once it is written and, in a regular file, synced: it survives a power loss from then on.
// sinks.Forwarder calls it.
package file
