package sinktest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// handOn are packages whose sinks only hand on what they are given.
var handOn = []string{"cmd/tagbridge/bridge"} // lateSink

// TestEverySinkRunsIt looks for sinks in the whole tree: the tests of their packages must call Run.
func TestEverySinkRunsIt(t *testing.T) {
	root := filepath.Join("..", "..")
	haveSink, run := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || rel == "testrig"):
			return filepath.SkipDir
		case !strings.HasSuffix(name, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		room, test := filepath.ToSlash(filepath.Dir(rel)), strings.HasSuffix(name, "_test.go")
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				haveSink[room] = haveSink[room] || !test && isSend(n)
			case *ast.SelectorExpr:
				x, _ := n.X.(*ast.Ident)
				run[room] = run[room] || test && x != nil && x.Name == "sinktest" && n.Sel.Name == "Run"
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for room, is := range haveSink {
		if !is || slices.Contains(handOn, room) {
			continue
		}
		if found++; !run[room] {
			t.Errorf("%s has a sink, and no test of it calls sinktest.Run", room)
		}
	}
	if found < 3 {
		t.Errorf("%d sinks found in the tree: the test does not see them", found)
	}
}

// isSend reports a method Send(ctx, *sinks.View).
func isSend(f *ast.FuncDecl) bool {
	if f.Recv == nil || f.Name.Name != "Send" || len(f.Type.Params.List) != 2 {
		return false
	}
	pointer, _ := f.Type.Params.List[1].Type.(*ast.StarExpr)
	if pointer == nil {
		return false
	}
	view, _ := pointer.X.(*ast.SelectorExpr)
	return view != nil && view.Sel.Name == "View"
}
