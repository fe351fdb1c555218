package drivers

import (
	"slices"
	"time"
)

// roundPeriods are periods as people write them, a minute's and an hour's parts included.
var roundPeriods = []time.Duration{1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600}

// FittingPeriod is the shortest round period not below p that lengthens it by the factor at least.
func FittingPeriod(p time.Duration, factor float64) time.Duration {
	need := time.Duration(float64(p) * max(factor, 1))
	unit := time.Second
	for unit > time.Millisecond && need <= unit {
		unit /= 10
	}
	i, _ := slices.BinarySearchFunc(roundPeriods, need, func(n, want time.Duration) int {
		if n*unit < want {
			return -1
		}
		return 1
	})
	if i == len(roundPeriods) {
		return need.Round(time.Hour) + time.Hour
	}
	return max(p, roundPeriods[i]*unit)
}
