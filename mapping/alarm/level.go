package alarm

// Level is what an alarm says. The numbers are what sinks get.
type Level uint8

// The levels. A tag that is true or false has None and Lo alone, and calls the latter alarm.
const (
	None Level = iota
	Lo
	Hi
	LoLo
	HiHi
	NumLevels
)

// names are those of the levels, by Level.
var names = [NumLevels]string{"none", "lo", "hi", "lolo", "hihi"}

func (l Level) String() string {
	if l >= NumLevels {
		return "unknown"
	}
	return names[l]
}

// On is what the only level of a tag that is true or false is called.
const On = "alarm"

// Name is what l is called under r.
func (r *Rule) Name(l Level) string {
	if r.Binary && l == Lo {
		return On
	}
	return l.String()
}

// up reports a level that a value rises to.
func (l Level) up() bool { return l == Hi || l == HiHi }
