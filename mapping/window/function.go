package window

// Function is what is reckoned of a window.
type Function uint8

// The functions. Where one goes by time, a value holds until the next sample.
const (
	Average     Function = iota // of the samples, each counted once
	TimeAverage                 // by how long each value held
	Minimum                     // of the samples, and of the value that held at the start
	Maximum                     // likewise
	Count                       // of the samples with a value
	Range                       // Maximum less Minimum
	Delta                       // the last value less the one that held at the start
	First                       // sample with a value
	Last                        // sample with a value
	Sum                         // of the samples
	StdDev                      // of the samples, over n - 1
	PercentGood                 // of the time
	TimeInState                 // seconds in which the value was not 0
	Transitions                 // between 0 and not 0
)

// names are those of functions in a tag map, by Function.
var names = [...]string{
	"average", "time_average", "minimum", "maximum", "count", "range", "delta", "first", "last", "sum", "stddev", "percent_good",
	"time_in_state", "transitions",
}

// Names are those of all functions.
func Names() []string { return names[:] }

func (f Function) String() string { return names[f] }

// Parse is the function of that name.
func Parse(name string) (Function, bool) {
	for i, n := range names {
		if n == name {
			return Function(i), true
		}
	}
	return 0, false
}
