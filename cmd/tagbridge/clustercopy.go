package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/health"
)

// copySaid is what /api/v1/cluster says of the copy of what a member has read.
type copySaid struct {
	BehindSamples uint64            `json:"behind_samples"`
	BehindSeconds float64           `json:"behind_seconds"`
	Missed        map[string]uint64 `json:"missed"`
	Error         string            `json:"error"`
	Cursors       string            `json:"cursors_error"`
}

// print prints it, in one line and one for each kind of what is missing; nothing of nil.
func (c *copySaid) print(out io.Writer) {
	if c == nil {
		return
	}
	behind := ""
	if c.BehindSamples > 0 {
		behind = fmt.Sprintf("%d samples that are not delivered are not copied, the oldest for %s", c.BehindSamples,
			health.HowLong(time.Duration(c.BehindSeconds*float64(time.Second))))
	}
	switch {
	case c.Error != "" && behind != "":
		fmt.Fprintf(out, "copy: %s; %s\n", forTerminal(c.Error), behind)
	case c.Error != "":
		fmt.Fprintf(out, "copy: %s\n", forTerminal(c.Error))
	case behind != "":
		fmt.Fprintf(out, "copy: %s\n", behind)
	default:
		fmt.Fprintln(out, "copy: all that is not delivered is copied to the cluster")
	}
	if c.Cursors != "" && c.Cursors != c.Error {
		fmt.Fprintf(out, "copy: the others do not know where the sinks are: %s\n", forTerminal(c.Cursors))
	}
	var whys []string
	for why := range c.Missed {
		whys = append(whys, why)
	}
	slices.Sort(whys)
	for _, why := range whys {
		fmt.Fprintf(out, "copy: %d samples could not be copied since the start: %s\n", c.Missed[why], forTerminal(why))
	}
}
