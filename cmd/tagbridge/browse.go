package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers/opcua"
	"tagbridge/mapping/node"
)

type browseVerb struct {
	Target string `arg:"" help:"opc.tcp URL of a server, or CONFIG#DEVICE to use that device's settings."`
	Root   string `placeholder:"NODE" help:"Node id or browse path to begin at; default: Objects."`
	Match  string `placeholder:"PATTERN" help:"Only variables whose last levels match, such as 'Line*/Motor*/Speed'."`
	Depth  int    `help:"Levels below the root; default: all."`
	CSV    bool   `name:"csv" xor:"format" help:"Print a tag map as CSV."`
	YAML   bool   `name:"yaml" xor:"format" help:"Print a tag map as YAML."`
}

// browseTimeout is that of a request: servers take their time over large folders.
const browseTimeout = 10 * time.Second

// Run prints the tree of a server, or the tag map of its variables.
func (v browseVerb) Run(ctx context.Context, std streams) error {
	device, err := opcuaDevice(v.Target, ": only those can be browsed", std)
	if err != nil {
		return err
	}
	o, err := bridge.OPCUASession(device, device.Endpoint)
	if err != nil {
		return err
	}
	o.Timeout = max(o.Timeout, browseTimeout)
	var root *node.Address
	if v.Root != "" {
		if root, err = node.Parse(v.Root); err != nil {
			return fmt.Errorf("--root %q: %w", v.Root, err)
		}
	}
	link := opcua.NewLink(opcua.LinkOptions{Session: o})
	if err := link.Open(ctx); err != nil {
		return fmt.Errorf("connect to %s: %w", bridge.PublicURL(device.Endpoint), err)
	}
	defer link.Close()
	progress, done := counter(std.err)
	found, unseen, err := link.Browse(ctx, opcua.BrowseOptions{Root: root, Match: v.Match, Depth: v.Depth, Progress: progress})
	done()
	if err != nil {
		return err
	}
	if err := v.print(std, found); err != nil {
		return err
	}
	return v.lacks(std, found, unseen)
}

// print prints what was found in the format that is wanted, and says which variables are in no map.
func (v browseVerb) print(std streams, found []opcua.Found) error {
	if !v.CSV && !v.YAML {
		printTree(std, found)
		return nil
	}
	rows, left := bridge.OPCUARows(found)
	for i, why := range left {
		if i == maxLeft {
			fmt.Fprintf(std.err, "… and %d more\n", len(left)-maxLeft)
			break
		}
		fmt.Fprintln(std.err, "left out:", forTerminal(why))
	}
	if v.CSV {
		return printCSV(std, rows)
	}
	return printYAML(std, rows)
}

// maxLeft is how many variables are named that are in no map, or nodes that could not be seen.
const maxLeft = 20

// lacks says what could not be seen, and when nothing is left of what was found: the answer is then not what was asked for.
func (v browseVerb) lacks(std streams, found []opcua.Found, unseen []opcua.Unseen) error {
	for i, u := range unseen {
		if i == maxLeft {
			fmt.Fprintf(std.err, "… and %d more\n", len(unseen)-maxLeft)
			break
		}
		path := "the root"
		if len(u.Path) > 0 {
			path = strings.Join(u.Path, "/")
		}
		fmt.Fprintf(std.err, "not seen: what is below %s: %s\n", forTerminal(path), u.Status.Error())
	}
	switch {
	case len(unseen) > 0:
		return fmt.Errorf("%d nodes could not be looked into: what is below them is missing", len(unseen))
	case len(found) == 0 && v.Match != "":
		return fmt.Errorf("no variable matches %s: the pattern is that of the last levels of a path, such as Line*/Motor*/Speed; tagbridge browse without --match shows the paths", v.Match)
	case len(found) == 0:
		return errors.New("there is nothing below that node")
	}
	return nil
}

// counter shows on a terminal how many nodes were found so far.
func counter(w any) (progress func(int), done func()) {
	f, ok := w.(*os.File)
	if !ok {
		return nil, func() {}
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil, func() {}
	}
	return func(n int) { fmt.Fprintf(f, "\r%d nodes ", n) }, func() { fmt.Fprint(f, "\r\x1b[K") }
}

// printTree shows nodes below each other, variables with type, unit, value and address.
func printTree(std streams, found []opcua.Found) {
	for _, f := range found {
		name := strings.Repeat("  ", len(f.Path)-1) + forTerminal(f.Path[len(f.Path)-1])
		if !f.Variable {
			fmt.Fprintf(std.out, "%s/\n", name)
			continue
		}
		value := f.Value
		if f.Status.IsBad() {
			value = f.Status.Error()
		}
		if f.Unit != "" {
			value += " " + f.Unit
		}
		fmt.Fprintf(std.out, "%-40s %-12s %-20s %s\n", name, typeOf(f), forTerminal(value), forTerminal(f.Address))
	}
}

func typeOf(f opcua.Found) string {
	if f.Array >= 0 {
		return fmt.Sprintf("%s[%d]", f.Type, f.Array)
	}
	return f.Type
}

func printCSV(std streams, rows []bridge.TagRow) error {
	w := csv.NewWriter(std.out)
	w.Write([]string{"tag", "address", "element", "type", "unit", "enum", "description"})
	for _, r := range rows {
		w.Write(cells(r.Tag, r.Address, r.Element, r.Type, r.Unit, r.Enum, r.Description))
	}
	w.Flush()
	return w.Error()
}

func printYAML(std streams, rows []bridge.TagRow) error {
	e := yaml.NewEncoder(std.out)
	e.SetIndent(2)
	if err := e.Encode(rows); err != nil {
		return err
	}
	return e.Close()
}
