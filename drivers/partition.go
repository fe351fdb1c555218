package drivers

import "slices"

// Partition spreads jobs over n lanes of one endpoint: all jobs of a unit go to the same one, so that its requests
// never run in parallel. Lanes may remain empty. The order of jobs is kept.
func Partition(jobs []*Job, n int) [][]*Job {
	var units []int
	for _, j := range jobs {
		units = append(units, j.Device.UnitID)
	}
	slices.Sort(units)
	units = slices.Compact(units)
	lanes := make([][]*Job, max(n, 1))
	for _, j := range jobs {
		at, _ := slices.BinarySearch(units, j.Device.UnitID)
		at %= len(lanes)
		lanes[at] = append(lanes[at], j)
	}
	return lanes
}
