package mapping

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"

	"tagbridge/testrig/manual"
)

var update = flag.Bool("update", false, "write the reference of the manual")

// The page of qualities explains those that the bridge gives by itself or meets often, and lists all others.
func TestManualQualities(t *testing.T) {
	common := manual.Table{Heading: "The common ones", Columns: []string{"quality", "code"}, Prose: []string{"meaning"}}
	others := manual.Table{Heading: "All others", Columns: []string{"quality", "code"}}
	explained := namedQualities(t)
	row := func(q Quality) []string { return []string{manual.Code(q.String()), fmt.Sprintf("0x%08X", uint32(q))} }
	for _, q := range explained {
		common.Rows = append(common.Rows, row(q))
	}
	for _, q := range slices.Sorted(maps.Keys(qualityNames)) {
		if !slices.Contains(explained, q) {
			others.Rows = append(others.Rows, row(q))
		}
	}
	manual.Hold(t, *update, "qualities", common, others)
}

// namedQualities are the constants of type Quality, in their order.
func namedQualities(t *testing.T) []Quality {
	file, err := parser.ParseFile(token.NewFileSet(), "quality.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []Quality
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Quality" {
			return true
		}
		v, err := strconv.ParseUint(spec.Values[0].(*ast.BasicLit).Value, 0, 32)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Quality(v))
		return true
	})
	if len(list) < 20 {
		t.Fatalf("only %d constants were found", len(list))
	}
	return list
}
