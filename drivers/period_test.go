package drivers

import (
	"testing"
	"time"
)

func TestFittingPeriod(t *testing.T) {
	for _, c := range []struct {
		period time.Duration
		factor float64
		want   time.Duration
	}{
		{time.Second, 1.5, 2 * time.Second},
		{time.Second, 0.5, time.Second},
		{20 * time.Millisecond, 3, 100 * time.Millisecond},
		{100 * time.Millisecond, 1.2, 200 * time.Millisecond},
		{5 * time.Second, 5, 30 * time.Second},
		{time.Minute, 3, 5 * time.Minute},
		{time.Hour, 3, 4 * time.Hour},
	} {
		if got := FittingPeriod(c.period, c.factor); got != c.want {
			t.Errorf("%v × %v = %v, want %v", c.period, c.factor, got, c.want)
		}
	}
}
