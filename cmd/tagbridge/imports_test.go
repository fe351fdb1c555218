package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// rooms says which packages of this module a package may import; "x/..." is x and all below it. A package that is not
// named has the list of what is beside it, x/*, or else its nearest parent's.
var rooms = map[string][]string{
	"mapping":              {"mapping/node", "mapping/formula", "mapping/window", "mapping/alarm"},
	"mapping/window":       {},
	"mapping/reckon":       {"mapping", "mapping/formula", "mapping/window", "mapping/alarm"},
	"mapping/node":         {},
	"mapping/alarm":        {},
	"mapping/formula":      {},
	"mapping/source":       {},
	"mapping/sheet":        {},
	"mapping/profile":      {"mapping/source", "configs"},
	"mapping/tagmap":       {"mapping", "mapping/alarm", "mapping/node", "mapping/formula", "mapping/window", "mapping/profile", "mapping/sheet", "mapping/source"},
	"mapping/config":       {"mapping", "mapping/profile", "mapping/source", "mapping/tagmap"},
	"mapping/cause":        {},
	"mapping/sunspec":      {},
	"mapping/secure":       {"mapping/cause"},
	"mapping/dump":         {"mapping"},
	"mapping/probe":        {"mapping", "mapping/dump"},
	"mapping/convert":      {"mapping", "mapping/node", "mapping/sheet", "mapping/source", "mapping/tagmap"},
	"drivers":              {"mapping", "mapping/formula", "mapping/cause"},
	"drivers/modbus":       {"mapping", "mapping/cause", "mapping/dump", "mapping/secure", "drivers"},
	"drivers/opcua":        {"mapping", "mapping/node", "mapping/cause", "drivers", "drivers/opcua/..."},
	"drivers/derived":      {"mapping", "mapping/formula", "drivers"},
	"sinks":                {"mapping", "sinks/encode"},
	"sinks/encode":         {"mapping"},
	"sinks/journal":        {"mapping", "sinks"},
	"sinks/message":        {"mapping", "sinks", "sinks/encode"},
	"sinks/sparkplug":      {"mapping", "sinks", "sinks/message"},
	"sinks/mqtt":           {"mapping", "mapping/cause", "mapping/secure", "sinks", "sinks/encode", "sinks/message", "sinks/sparkplug"},
	"sinks/*":              {"mapping", "mapping/cause", "mapping/secure", "sinks", "sinks/encode", "sinks/message"},
	"configs":              {},
	"testrig":              {"mapping", "mapping/node", "mapping/config", "testrig/..."},
	"testrig/interop":      {"mapping", "mapping/dump", "mapping/probe", "mapping/window", "testrig/..."}, // it searches what an image made elsewhere holds
	"testrig/sinktest":     {"mapping", "sinks", "testrig/influxd"},                                       // of sinks the interface, and no codec
	"testrig/linktest":     {"mapping", "drivers"},                                                        // likewise
	"cmd/tagbridge":        {"mapping/...", "drivers/...", "sinks/...", "testrig/...", "configs", "cmd/tagbridge/..."},
	"cmd/tagbridge/events": {},
	"cmd/tagbridge/gaps":   {"mapping", "mapping/config", "sinks", "sinks/journal", "cmd/tagbridge/events"},
	"cmd/tagbridge/when":   {},
	"cmd/tagbridge/trend":  {"mapping", "sinks", "sinks/journal", "cmd/tagbridge/events", "cmd/tagbridge/gaps"},
	"cmd/tagbridge/bridge": {"mapping/...", "drivers/...", "sinks/...", "cmd/tagbridge/events", "cmd/tagbridge/gaps",
		"cmd/tagbridge/trend"},
	"cmd/tagbridge/manual": {"configs", "mapping/source"},
	"cmd/tagbridge/plan":   {"mapping/...", "drivers/...", "cmd/tagbridge/bridge"},
	"cmd/tagbridge/edit":   {"mapping/...", "cmd/tagbridge/bridge", "cmd/tagbridge/events", "cmd/tagbridge/plan"},
	"cmd/tagbridge/health": {"drivers", "cmd/tagbridge/bridge", "cmd/tagbridge/gaps"},
	"cmd/tagbridge/web": {"mapping/...", "drivers", "cmd/tagbridge/bridge", "cmd/tagbridge/edit", "cmd/tagbridge/events",
		"cmd/tagbridge/gaps", "cmd/tagbridge/health", "cmd/tagbridge/manual", "cmd/tagbridge/plan", "cmd/tagbridge/trend",
		"cmd/tagbridge/web/page", "cmd/tagbridge/when"},
	"cmd/tagbridge/web/page": {},

	"cmd/tagbridge/cluster":         {"mapping/secure", "sinks/nats", "cmd/tagbridge/cluster/..."},
	"cmd/tagbridge/cluster/carrier": {"sinks/nats", "cmd/tagbridge/cluster/wire"},
	"cmd/tagbridge/cluster/claims":  {"cmd/tagbridge/cluster/store"},
	"cmd/tagbridge/cluster/store":   {"mapping/secure", "sinks/nats", "cmd/tagbridge/cluster/carrier"},
	"cmd/tagbridge/cluster/wire":    {"cmd/tagbridge/cluster/member"},
	"cmd/tagbridge/cluster/member":  {"cmd/tagbridge/cluster/place"},
	"cmd/tagbridge/cluster/place":   {},
	"cmd/tagbridge/cluster/revision": {"mapping/config", "mapping/source", "cmd/tagbridge/bridge", "cmd/tagbridge/edit",
		"cmd/tagbridge/events", "cmd/tagbridge/cluster/store"},

	"cmd/tagbridge/cluster/replica": {"mapping", "sinks", "sinks/journal", "cmd/tagbridge/cluster/store"},
	"cmd/tagbridge/cluster/heir": {"mapping", "sinks", "sinks/journal", "cmd/tagbridge/cluster/store", "cmd/tagbridge/cluster/replica",
		"cmd/tagbridge/events"},
}

// testRooms is what tests may import besides: the software PLCs and stand-ins.
var testRooms = map[string][]string{
	"mapping":              {"testrig/manual", "testrig/vary"},
	"drivers":              {"testrig/..."},
	"mapping/convert":      {"mapping/config"},
	"mapping/tagmap":       {"mapping/config", "testrig/manual", "testrig/vary"},
	"mapping/sunspec":      {"mapping", "mapping/tagmap"},
	"mapping/secure":       {"testrig"},
	"sinks":                {"testrig/...", "sinks/journal"},
	"cmd/tagbridge/bridge": {"testrig/..."},
	"cmd/tagbridge/events": {"testrig/manual"},
	"cmd/tagbridge/gaps":   {"mapping/source", "sinks/encode"},
	"cmd/tagbridge/health": {"sinks"},
	"cmd/tagbridge/web":    {"testrig/...", "sinks"},

	"cmd/tagbridge/cluster":         {"testrig/natsd"},
	"cmd/tagbridge/cluster/store":   {"testrig/natsd"},
	"cmd/tagbridge/cluster/claims":  {"testrig/natsd"},
	"cmd/tagbridge/cluster/replica": {"testrig/natsd"},

	"cmd/tagbridge/cluster/revision": {"testrig/natsd"},
	"cmd/tagbridge/cluster/heir":     {"testrig/natsd", "testrig/broker", "sinks/mqtt", "sinks/nats", "sinks/sparkplug"},
}

// TestImportsPointOneWay reads the imports of every file rather than asking go list, whose answer the test cache keeps.
func TestImportsPointOneWay(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		seen++
		checkImports(t, root, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Fatalf("only %d Go files were read below %s", seen, root)
	}
}

func checkImports(t *testing.T, root, name string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("parse %s: %v", name, err)
		return
	}
	rel, err := filepath.Rel(root, filepath.Dir(name))
	if err != nil {
		t.Fatal(err)
	}
	from := filepath.ToSlash(rel)
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		to, ours := strings.CutPrefix(imported, "tagbridge/")
		if !ours || to == from {
			continue
		}
		if !allowed(rooms, from, to) && !(strings.HasSuffix(name, "_test.go") && allowed(testRooms, from, to)) {
			t.Errorf("%s imports %s, which %s may not", name, imported, from)
		}
	}
}

func allowed(table map[string][]string, from, to string) bool {
	list, ok := table[from]
	for at := from; !ok && at != "."; {
		at = path.Dir(at)
		if list, ok = table[at+"/*"]; !ok {
			list, ok = table[at]
		}
	}
	for _, name := range list {
		tree, whole := strings.CutSuffix(name, "/...")
		if to == tree || whole && strings.HasPrefix(to, tree+"/") {
			return true
		}
	}
	return false
}

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"mapping", "drivers", false},
		{"mapping", "mapping/config", false},
		{"mapping/config", "mapping", true},
		{"mapping/config", "mapping/tagmap", true},
		{"mapping/tagmap", "mapping/config", false},
		{"mapping/source", "mapping", false},
		{"drivers/modbus", "drivers", true},
		{"drivers/modbus", "sinks", false},
		{"drivers/modbus", "mapping/config", false},
		{"sinks/influx", "sinks/encode", true},
		{"sinks/influx", "drivers", false},
		{"sinks/influx", "sinks/journal", false},
		{"sinks/encode", "sinks", false},
		{"sinks/new", "sinks/message", true},
		{"sinks/new", "sinks/mqtt", false},
		{"testrig/plc", "mapping", true},
		{"testrig/plc", "mapping/config", true},
		{"testrig/bench", "testrig/plc", true},
		{"testrig/plc", "drivers/modbus", false},
		{"cmd/tagbridge/bridge", "sinks/journal", true},
		{"cmd/tagbridge/bridge", "mapping/config", true},
		{"cmd/tagbridge/bridge", "testrig/plc", false},
		{"cmd/tagbridge/bridge", "cmd/tagbridge/web", false},
		{"cmd/tagbridge/web", "cmd/tagbridge/bridge", true},
		{"cmd/tagbridge/web", "drivers/modbus", false},
		{"cmd/tagbridge/web", "sinks", false},
		{"cmd/tagbridge", "testrig/plc", true},
	} {
		if got := allowed(rooms, c.from, c.to); got != c.want {
			t.Errorf("allowed(%s imports %s) = %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
