package mapping

import (
	"fmt"
	"slices"
	"time"
)

// Precision is the unit in which a sink writes times, as InfluxDB names it.
type Precision uint8

// The precisions.
const (
	Nanoseconds Precision = iota
	Microseconds
	Milliseconds
	Seconds
)

// PrecisionNames are the names of precisions, by Precision.
var PrecisionNames = []string{"ns", "us", "ms", "s"}

var precisionUnits = [...]time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond, time.Second}

// ParsePrecision is the precision of that name.
func ParsePrecision(name string) (Precision, error) {
	i := slices.Index(PrecisionNames, name)
	if i < 0 {
		return 0, fmt.Errorf("precision %q is none of %v", name, PrecisionNames)
	}
	return Precision(i), nil
}

func (p Precision) String() string { return PrecisionNames[p] }

// Unit is how long one unit is.
func (p Precision) Unit() time.Duration { return precisionUnits[p] }

// MarshalText implements encoding.TextMarshaler.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
