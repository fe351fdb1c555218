package main

import (
	"cmp"
	"fmt"
)

// restSaid is what /api/v1/cluster says of what a member that is gone has left for a sink.
type restSaid struct {
	Node     string `json:"node"`
	Sink     string `json:"sink"`
	By       string `json:"by"`
	Waits    uint64 `json:"waits"`
	Copied   uint64 `json:"copied"`
	Missing  uint64 `json:"missing"`
	Finished bool   `json:"finished"`
}

// state is how it stands with it, in words.
func (r *restSaid) state() string {
	switch {
	case r.By != "":
		return r.By + " delivers it"
	case r.Finished && r.Waits > 0:
		return "the rest has no copy"
	case r.Finished:
		return "delivered"
	}
	return "waits"
}

// inherited prints what members have left that are gone; nothing where there is nothing.
func (p *clusterPrinter) inherited() {
	if p.said.Unknown != "" {
		p.line("")
		p.line("what members have left is not known now: %s", p.said.Unknown)
	}
	if len(p.said.Inherited) == 0 {
		return
	}
	p.line("")
	rows := [][]string{{"left by", "for sink", "waits", "copied", "missing", "state"}}
	for i := range p.said.Inherited {
		r := &p.said.Inherited[i]
		rows = append(rows, []string{cmp.Or(r.Node, "-"), r.Sink, fmt.Sprint(r.Waits), fmt.Sprint(r.Copied), fmt.Sprint(r.Missing), r.state()})
	}
	p.table(rows, 5)
}
