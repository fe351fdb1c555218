package bridge

import (
	"slices"
	"testing"

	"tagbridge/drivers"
)

// TestSpread spreads ten units, each with two jobs, over three connections, then with one unit gone and three new ones:
// a unit is on one connection, stays there, and each connection has about as many.
func TestSpread(t *testing.T) {
	job := func(unit int) *drivers.Job { return &drivers.Job{Device: &drivers.Device{UnitID: unit}} }
	var jobs []*drivers.Job
	for u := range 10 {
		jobs = append(jobs, job(2*u), job(2*u))
	}
	units := func(list []*connection) [][]int {
		all := make([][]int, len(list))
		for i, c := range list {
			for _, j := range c.jobs {
				all[i] = append(all[i], j.Device.UnitID)
			}
		}
		return all
	}
	check := func(list []*connection, want ...[]int) {
		t.Helper()
		if got := units(list); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("units of each connection %v, want %v", got, want)
		}
	}
	first := spread([]*connection{{}, {}, {}}, jobs)
	check(first, []int{0, 0, 6, 6, 12, 12, 18, 18}, []int{2, 2, 8, 8, 14, 14}, []int{4, 4, 10, 10, 16, 16})
	next := spread(first, append(jobs[2:], job(1), job(3), job(5)))
	check(next, []int{6, 6, 12, 12, 18, 18, 1}, []int{2, 2, 8, 8, 14, 14, 3}, []int{4, 4, 10, 10, 16, 16, 5})
	check(spread([]*connection{{}}, nil), nil)
}
