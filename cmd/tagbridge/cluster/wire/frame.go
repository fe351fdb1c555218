package wire

import "tagbridge/cmd/tagbridge/cluster/member"

// Format is the first byte of a frame.
const Format = 1

// What a frame has at most.
const (
	MaxClaims = 4096 // in its lists together
	MaxName   = 256  // bytes of a name
	MaxBytes  = 60 << 10
)

// Frame is a beat, and what else members say of themselves.
type Frame struct {
	member.Beat
	Version uint64 // of the lists, from 1: it grows when they change
	Whole   bool   // the lists are in it
	Ask     bool   // the others are to say their lists
	Draining,
	Aside bool // it takes nothing: see cluster.Run
	Age     uint64 // of the process, in milliseconds
	Program string // its version; only where the lists are, as Servers
	Servers []string
}
