package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
)

type planVerb struct {
	Config string `arg:"" help:"Configuration file; - is standard input."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// planJSON is what plan prints with --json.
type planJSON struct {
	Connections []connectionJSON `json:"connections"`
	Journal     volumeJSON       `json:"journal"`
}

type connectionJSON struct {
	Endpoint string        `json:"endpoint"`
	Busy     float64       `json:"busy"` // share of the connection's time that all requests need
	Requests []requestJSON `json:"requests"`
	Nodes    []nodesJSON   `json:"nodes,omitempty"`   // of OPC UA servers
	Learned  []learnedJSON `json:"learned,omitempty"` // where the bridge found blocks to be refused
}

type requestJSON struct {
	Device   string   `json:"device"`
	UnitID   int      `json:"unit_id"`
	Function int      `json:"function"`
	Table    string   `json:"table"`
	First    int      `json:"first"` // 0-based address
	Count    int      `json:"count"` // registers, or bits of coils and discrete inputs
	Wasted   int      `json:"wasted"`
	Tags     []string `json:"tags"`
	PeriodMS float64  `json:"period_ms"`
	TimeMS   float64  `json:"time_ms"`
	Share    float64  `json:"share"` // of the connection's time
}

// Run prints a table a connection, a line a request, and what the journal needs.
func (v planVerb) Run(std streams) error {
	cfg, problems := config.Load(v.Config, config.Options{Stdin: std.in, Expand: true})
	if problems.HasProblems() {
		for _, p := range problems {
			fmt.Fprintln(std.err, p)
		}
		return exitStatus(exitBadFile)
	}
	plan := planOf(cfg)
	plan.Journal = volumeOf(cfg)
	if v.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(plan)
	}
	for i := range plan.Connections {
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		plan.Connections[i].print(std.out)
	}
	fmt.Fprintf(std.out, "\n%s\n", plan.Journal)
	return nil
}

func planOf(cfg *config.Config) planJSON {
	plan := planJSON{Connections: []connectionJSON{}}
	compiler := bridge.NewCompiler(cfg.Bridge.Name)
	for _, e := range cfg.Connections() {
		c := connectionJSON{Endpoint: bridge.PublicURL(e.Endpoint), Requests: []requestJSON{}}
		for _, d := range e.Devices {
			protocolOf(d).plan(&c, compiler, cfg.Bridge.DataDir, d)
		}
		plan.Connections = append(plan.Connections, c)
	}
	return plan
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (c *connectionJSON) print(w io.Writer) {
	if c.Nodes != nil {
		fmt.Fprintf(w, "%s\n", c.Endpoint)
		for _, n := range c.Nodes {
			fmt.Fprintf(w, "  %v\n", n)
		}
		return
	}
	fmt.Fprintf(w, "%s: %s, %.1f %% of its time\n", c.Endpoint, plural(len(c.Requests), "request"), 100*c.Busy)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  device\tunit\tfunction\tfirst\tcount\ttags\twasted\tevery\ttime\tshare")
	for _, r := range c.Requests {
		fmt.Fprintf(table, "  %s\t%d\t%d %s\t%d\t%d\t%d\t%d\t%s\t%.1f ms\t%.2f %%\n", r.Device, r.UnitID, r.Function,
			r.Table, r.First, r.Count, len(r.Tags), r.Wasted, time.Duration(r.PeriodMS*float64(time.Millisecond)), r.TimeMS, 100*r.Share)
	}
	table.Flush()
	for _, l := range c.Learned {
		fmt.Fprintf(w, "  learned: %v\n", l)
	}
}
