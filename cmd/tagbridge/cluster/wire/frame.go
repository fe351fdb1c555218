package wire

import "tagbridge/cmd/tagbridge/cluster/member"

// Format is the first byte of a frame.
const Format = 1

// Level grows with each field that is added, while Format stays: 1 has Level and Listed, 2 has Copy. Whoever reads leaves out what is above its own.
const Level = 2

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
	Program string // its version; only where the lists are, as the rest
	Servers []string
	Level   uint64 // of the format that it writes and understands; 0: it is of a release before there was one
	Listed  uint64 // how many servers it was given; 0: it does not say
	Copy    Copy   // in each beat
}

// Copy is how far others have a copy of what a member has read.
type Copy struct {
	Copies bool   // it has it copied; the rest is 0 where it does not
	Behind uint64 // samples that some sink still needs, and that are not copied
	Age    uint64 // of the oldest of them, in milliseconds
}
