package cluster

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNoWallClock has nothing that decides know what time it is: a clock that is set changes nothing. What members show has times.
func TestNoWallClock(t *testing.T) {
	files := 0
	for _, dir := range []string{"member", "place", "wire"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, what := range clocks(file) {
				t.Errorf("%s uses time.%s", name, what)
			}
		}
	}
	if files < 10 {
		t.Errorf("only %d files were read", files)
	}
}

// clocks are the uses of the wall clock in file.
func clocks(file *ast.File) (list []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		room, ok := s.X.(*ast.Ident)
		if ok && room.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Time"}, s.Sel.Name) {
			list = append(list, s.Sel.Name)
		}
		return true
	})
	return list
}
