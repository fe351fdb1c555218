// Package revision gives one configuration to all members of a cluster. A revision is the shared part of a configuration with its tag
// maps, as one pushed it: a manifest in a key-value bucket, which names files of an object store by their SHA-256.
//
// A push stores the files, then changes the key "current" by compare and swap: what was pushed by half is never seen, and of two who push at
// once one is told so. Members look at that key, fetch what they do not have, check it as their own configuration, and apply it as the page
// applies maps: all of it or nothing. What is in NATS is not trusted: names, sizes and sums are checked, and only files are written which the new
// configuration names as tag maps. What belongs to the PC stays out of it (see Shared).
//
// The verbs of cmd/tagbridge push; the daemon runs a Follower.
package revision
