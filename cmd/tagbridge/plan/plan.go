// Package plan says which requests a configuration makes of its connections, how long they take and what of the
// connection's time is left. It connects to nothing. The verbs plan and check ask it, and the API for a draft.
package plan

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
)

// Connection is what is asked on one connection.
type Connection struct {
	Endpoint string     `json:"endpoint"`
	Devices  []string   `json:"devices"`  // that are on it
	Busy     float64    `json:"busy"`     // share of the connection's time that all requests need
	Parallel int        `json:"parallel"` // how many requests it takes at a time
	Requests []Request  `json:"requests"`
	Nodes    []Nodes    `json:"nodes,omitempty"`    // of OPC UA servers
	Computed []Computed `json:"computed,omitempty"` // of derived devices
	Learned  []Learned  `json:"learned,omitempty"`  // where the bridge found blocks to be refused
}

// Request is one that is sent again and again.
type Request struct {
	Device   string   `json:"device"`
	UnitID   int      `json:"unit_id"`
	Function int      `json:"function"`
	Table    string   `json:"table"`
	First    int      `json:"first"`   // 0-based address
	Modicon  string   `json:"modicon"` // the same as Modicon counts
	Count    int      `json:"count"`   // registers, or bits of coils and discrete inputs
	Wasted   int      `json:"wasted"`
	Tags     []string `json:"tags"`
	PeriodMS float64  `json:"period_ms"`
	DueMS    float64  `json:"due_ms"` // when in each period it is due, from an instant that all requests have in common
	TimeMS   float64  `json:"time_ms"`
	Share    float64  `json:"share"` // of the connection's time

	wire bool // its device has numbers of the wire: people read them in both notations
}

// planner is what is known of a protocol: it adds to c what d asks.
type planner func(c *Connection, compiler *bridge.Compiler, dataDir string, d *config.Device)

// planners are those of the drivers; another driver asks nothing of a connection.
var planners = map[string]planner{"modbus": registers, "opcua": nodes, "derived": computed}

// Of is the plan of all connections of cfg.
func Of(cfg *config.Config) []Connection {
	list := []Connection{}
	compiler := bridge.NewCompiler(cfg.Bridge.Name)
	for _, e := range cfg.Connections() {
		list = append(list, of(cfg, compiler, e))
	}
	return list
}

func of(cfg *config.Config, compiler *bridge.Compiler, e config.Connection) Connection {
	c := Connection{Endpoint: bridge.PublicURL(e.Endpoint), Parallel: 1, Requests: []Request{}}
	for _, d := range e.Devices {
		c.Devices = append(c.Devices, d.Name)
		c.Parallel = max(c.Parallel, bridge.Parallel(d))
		if add := planners[d.Driver]; add != nil {
			add(&c, compiler, cfg.Bridge.DataDir, d)
		}
	}
	return c
}

// Change is a connection of which something else is asked than before.
type Change struct {
	Endpoint string      `json:"endpoint"`
	Before   *Connection `json:"before"` // null: it is new
	After    *Connection `json:"after"`  // null: it is gone
}

// Changes are the connections whose plan in new is another one than in old.
func Changes(old, new *config.Config) []Change {
	list := []Change{}
	differ := config.Diff(old, new).Devices
	touched := map[string]bool{}
	for _, names := range [][]string{differ.Added, differ.Removed, differ.Changed} {
		for _, name := range names {
			touched[name] = true
		}
	}
	keys := map[string]bool{}
	endpoints(old, touched, keys)
	endpoints(new, touched, keys)
	before, after := some(old, keys), some(new, keys)
	for _, key := range before.order {
		if was := before.all[key]; after.all[key] == nil {
			list = append(list, Change{was.Endpoint, was, nil})
		}
	}
	for _, key := range after.order {
		was, is := before.all[key], after.all[key]
		if was == nil {
			list = append(list, Change{is.Endpoint, nil, is})
		} else if !reflect.DeepEqual(was, is) {
			list = append(list, Change{is.Endpoint, was, is})
		}
	}
	return list
}

// planned are plans by the keys of their endpoints.
type planned struct {
	order []string
	all   map[string]*Connection
}

// endpoints adds to keys those of the connections of cfg on which one of those devices is.
func endpoints(cfg *config.Config, devices, keys map[string]bool) {
	for _, e := range cfg.Connections() {
		for _, d := range e.Devices {
			if devices[d.Name] {
				keys[e.Key] = true
			}
		}
	}
}

// some are the plans of those connections of cfg.
func some(cfg *config.Config, keys map[string]bool) planned {
	p := planned{all: map[string]*Connection{}}
	compiler := bridge.NewCompiler(cfg.Bridge.Name)
	for _, e := range cfg.Connections() {
		if keys[e.Key] {
			c := of(cfg, compiler, e)
			p.order, p.all[e.Key] = append(p.order, e.Key), &c
		}
	}
	return p
}

// Print writes c as a table, a line a request.
func (c *Connection) Print(w io.Writer) {
	if c.Nodes != nil || c.Computed != nil {
		fmt.Fprintf(w, "%s\n", c.Endpoint)
		for _, n := range c.Nodes {
			fmt.Fprintf(w, "  %v\n", n)
		}
		for _, n := range c.Computed {
			fmt.Fprintf(w, "  %v\n", n)
		}
		return
	}
	fmt.Fprintf(w, "%s: %s, %.1f %% of its time\n", c.Endpoint, plural(len(c.Requests), "request"), 100*c.Busy)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  device\tunit\tfunction\tfirst\tcount\ttags\twasted\tevery\ttime\tshare")
	for _, r := range c.Requests {
		fmt.Fprintf(table, "  %s\t%d\t%d %s\t%s\t%d\t%d\t%d\t%s\t%.1f ms\t%.2f %%\n", r.Device, r.UnitID, r.Function,
			r.Table, r.first(), r.Count, len(r.Tags), r.Wasted, time.Duration(r.PeriodMS*float64(time.Millisecond)), r.TimeMS, 100*r.Share)
	}
	table.Flush()
	for _, l := range c.Learned {
		fmt.Fprintf(w, "  learned: %v\n", l)
	}
}

// first is the address at which r begins, for people.
func (r *Request) first() string {
	if r.wire {
		return fmt.Sprintf("%d (%s)", r.First, r.Modicon)
	}
	return strconv.Itoa(r.First)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
