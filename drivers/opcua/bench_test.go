package opcua

import (
	"fmt"
	"testing"

	"tagbridge/mapping"
	rig "tagbridge/testrig/opcua"
)

// BenchmarkRound reads 500 nodes of a server in the same process, whose own allocations count as well.
func BenchmarkRound(b *testing.B) {
	nodes := map[string]any{}
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("ns=2;s=n%d", i))
		nodes[names[i]] = float64(i)
	}
	l := linkTo(b, serve(b, rig.Options{Nodes: nodes}))
	open(b, l)
	j := jobOf(tags(names...), PlanOptions{})
	var batch mapping.Batch
	b.ReportAllocs()
	for b.Loop() {
		if err := round1(b.Context(), l, j, &batch); err != nil {
			b.Fatal(err)
		}
	}
}
