package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// homes are the files in which the protocol of a driver may be named: its own. The rest of the program asks the protocol of
// a device, by one of the interfaces that these files implement, or a plan, by one of those of package drivers.
var homes = []string{
	"cmd/tagbridge/*DRIVER*.go", "cmd/tagbridge/bridge/DRIVER*.go", "cmd/tagbridge/plan/DRIVER*.go", "mapping/config/DRIVER*.go",
	"mapping/convert/*.go", // what another program's protocols are called
}

// guests are other files that name a protocol, how often they may, and why they have to.
var guests = map[string]guest{
	"mapping/where.go":         {1, "knows the places that a tag can have, and which of them bring types"},
	"mapping/config/device.go": {13, "says as properties of any device what only one driver's has an option for"},

	"cmd/tagbridge/sharingleases.go": {2, "has what is computed from several endpoints leased with them"},
	"cmd/tagbridge/units.go":         {1, "says what is read together, and because of which computed device"},
	"mapping/config/cluster.go":      {2, "has what is computed read with what it is computed from"},
	"mapping/config/units.go":        {8, "has what is computed read with what it is computed from"},
}

type guest struct {
	times int
	why   string
}

// TestProtocolsAreNamedAtHome finds each place in which a protocol is asked for by its name, by its options, by the type of
// its plan or by the place that its tags have.
func TestProtocolsAreNamedAtHome(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	for _, folder := range []string{"cmd", "mapping", "sinks"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(rel)
			seen[name] = true
			if atHome(name) {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			found, err := namings(name, text)
			if g := guests[name]; len(found) != g.times {
				t.Errorf("%s names a protocol %d times, not %d (%s): ask a table of protocols or the plan, or say here why not\n%s",
					name, len(found), g.times, g.why, strings.Join(found, "\n"))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) < 100 {
		t.Fatalf("only %d Go files were read", len(seen))
	}
	for name := range guests {
		if !seen[name] {
			t.Errorf("%s, which may name protocols, is not there", name)
		}
	}
}

func atHome(name string) bool {
	for _, home := range homes {
		for _, p := range protocols {
			if ok, _ := path.Match(strings.ReplaceAll(home, "DRIVER", p.driver), name); ok {
				return true
			}
		}
	}
	return false
}

// namings are the places of a file in which a protocol is told from others.
func namings(file string, text []byte) (list []string, err error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, text, 0)
	if err != nil {
		return nil, err
	}
	at := func(n ast.Node, what string) {
		list = append(list, fmt.Sprintf("%s:%d %s", file, set.Position(n.Pos()).Line, what))
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op != token.EQL && n.Op != token.NEQ {
				return true
			}
			if isProtocolName(n.X) || isProtocolName(n.Y) {
				at(n, "compares a driver's name")
			}
			if isNode(n.X) && isNil(n.Y) {
				at(n, "tells tags apart by Node")
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				if isProtocolName(e) {
					at(e, "compares a driver's name")
				}
				if isProtocolType(e) {
					at(e, "tells plans apart by type")
				}
			}
		case *ast.SelectorExpr:
			if isDriver(strings.ToLower(n.Sel.Name)) && n.Sel.IsExported() {
				at(n, "asks for an option of one driver")
			}
		case *ast.TypeAssertExpr:
			if n.Type != nil && isProtocolType(n.Type) {
				at(n, "tells plans apart by type")
			}
		}
		return true
	})
	return list, nil
}

// isDriver reports the name of a driver.
func isDriver(name string) bool {
	return slices.ContainsFunc(protocols, func(p namedProtocol) bool { return p.driver == name })
}

// isProtocolName reports the name of a driver as a text.
func isProtocolName(e ast.Expr) bool {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return false
	}
	text, err := strconv.Unquote(l.Value)
	return err == nil && isDriver(text)
}

// isProtocolType reports a type of a driver's package.
func isProtocolType(e ast.Expr) bool {
	if p, ok := e.(*ast.StarExpr); ok {
		e = p.X
	}
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	room, ok := s.X.(*ast.Ident)
	return ok && isDriver(room.Name)
}

func isNil(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "nil"
}

func isNode(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Node"
}

// TestNamings has the test above find what it is for.
func TestNamings(t *testing.T) {
	for _, c := range []struct {
		code string
		want int
	}{
		{`if d.Driver == "opcua" { return }`, 1},
		{`if "modbus" != d.Driver { return }`, 1},
		{`if d.Driver == config.OPCUA { return }`, 1},
		{`switch d.Driver { case "modbus", "opcua": }`, 2},
		{`n := d.Modbus.UnitID`, 1},
		{`p, ok := j.Work.(*modbus.Plan)`, 1},
		{`switch p := j.Work.(type) { case *opcua.Plan: }`, 1},
		{`if t.Node != nil { return }`, 1},
		{`if t.Node == other.Node { return }`, 0},
		{`p, ok := j.Work.(drivers.Adviser)`, 0},
		{`list := map[string]protocol{"modbus": modbus{}}`, 0},
	} {
		got, err := namings("x.go", []byte("package x\n\nfunc f() {\n"+c.code+"\n}\n"))
		if err != nil || len(got) != c.want {
			t.Errorf("%s: found %q, %v, want %d", c.code, got, err, c.want)
		}
	}
}
