package web

import "tagbridge/cmd/tagbridge/bridge"

// copyJSON is how far the copy is of what this member has read.
type copyJSON struct {
	Stream        string            `json:"stream"`
	Position      uint64            `json:"position"`       // what is before it is copied
	BehindSamples uint64            `json:"behind_samples"` // that some sink still needs, and that are not copied
	BehindSeconds float64           `json:"behind_seconds"`
	Copied        uint64            `json:"copied"` // samples, since the start
	Bytes         uint64            `json:"bytes"`  // that they took
	Missed        map[string]uint64 `json:"missed"` // samples that could not be copied, by reason, since the start
	Error         string            `json:"error"`  // why it does not get on
	Since         *string           `json:"since"`  // since when it does, or not
	Cursors       string            `json:"cursors_error"`
}

func copyOf(b *bridge.Bridge) *copyJSON {
	s, ok := b.Copied()
	if !ok {
		return nil
	}
	return &copyJSON{
		Stream: s.Stream, Position: uint64(s.Copied), BehindSamples: s.Behind, BehindSeconds: s.Age.Seconds(), Copied: s.Samples, Bytes: s.Bytes,
		Missed: s.Missed, Error: s.Error, Since: stampOrNull(s.Since), Cursors: s.Cursors,
	}
}
