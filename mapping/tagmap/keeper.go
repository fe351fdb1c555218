package tagmap

import (
	"strings"
	"time"

	"tagbridge/mapping"
)

// keeper copies what is kept of a map's text, equal texts once, so that the file itself is not kept.
type keeper struct {
	texts   map[string]string
	enums   map[valuesKey][]mapping.EnumText
	invalid map[valuesKey][]mapping.Invalid
	labels  map[string][]mapping.Label
	known   map[traitsKey]*mapping.Traits
	scratch []byte
	chunk   strings.Builder // of texts that are kept for as long as each other
}

// chunkSize is how much text is cut from one piece of memory.
const chunkSize = 4 << 10

// own is a copy of s, which is likely to be the only one of its content.
func (k *keeper) own(s string) string {
	if len(s) > chunkSize/4 {
		return strings.Clone(s)
	}
	if k.chunk.Cap()-k.chunk.Len() < len(s) {
		k.chunk = strings.Builder{}
		k.chunk.Grow(chunkSize)
	}
	at := k.chunk.Len()
	k.chunk.WriteString(s)
	return k.chunk.String()[at:]
}

// valuesKey is a cell that lists raw values: what they are depends on the type.
type valuesKey struct {
	mapping.Type
	length int
	text   string
}

func keyOf(t *mapping.Tag, text string) valuesKey { return valuesKey{t.Type, t.Length, text} }

func newKeeper() keeper {
	return keeper{
		texts:   map[string]string{},
		enums:   map[valuesKey][]mapping.EnumText{},
		invalid: map[valuesKey][]mapping.Invalid{},
		labels:  map[string][]mapping.Label{},
		known:   map[traitsKey]*mapping.Traits{},
	}
}

func (k *keeper) text(s string) string {
	if s == "" {
		return ""
	}
	if kept, ok := k.texts[s]; ok {
		return kept
	}
	kept := strings.Clone(s)
	k.texts[kept] = kept
	return kept
}

// traitsKey is equal for equal traits: lists that the keeper has are the same list when they are equal.
type traitsKey struct {
	typ             mapping.Type
	order           mapping.Order
	clamp           mapping.Clamp
	report          mapping.Report
	enumAuto        bool
	length          int
	poll, heartbeat time.Duration
	scaling         mapping.Scaling
	min, max        mapping.Bound
	deadband        mapping.Deadband
	unit            string
	invalid         *mapping.Invalid
	enum            *mapping.EnumText
	labels          *mapping.Label
	zone            string
	scaleBy         mapping.Place
	wide            bool
}

// traits is the one copy of what is like t.
func (k *keeper) traits(t *mapping.Traits) *mapping.Traits {
	key := traitsKey{
		typ: t.Type, order: t.Order, clamp: t.Clamp, report: t.Report, enumAuto: t.EnumAuto, length: t.Length,
		poll: t.Poll, heartbeat: t.Heartbeat, scaling: t.Scaling, min: t.Min, max: t.Max, deadband: t.Deadband,
		unit: t.Unit, invalid: first(t.Invalid), enum: first(t.Enum), labels: first(t.Labels), zone: t.Zone, scaleBy: t.ScaleBy, wide: t.Wide,
	}
	kept, ok := k.known[key]
	if !ok {
		one := *t
		kept = &one
		k.known[key] = kept
	}
	return kept
}

// first identifies a list that does not change.
func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}
