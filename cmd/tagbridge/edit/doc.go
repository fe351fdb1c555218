// Package edit is the tag maps of a running bridge as texts that people change: which there are, what a draft of them would
// change and what is wrong with it, and how a draft becomes what is on disk and runs, or not at all. It answers nobody and
// asks nobody who they are: cmd/tagbridge/web does. Only files that the configuration names are read and written, and
// never the configuration itself, which may hold secrets.
package edit
