package config

import (
	"strings"

	"tagbridge/mapping"
)

// keeper copies what is kept of a map's text, equal texts once, so that the file itself is not kept.
type keeper struct {
	texts   map[string]string
	enums   map[valuesKey][]mapping.EnumText
	invalid map[valuesKey][]mapping.Invalid
	labels  map[string][]mapping.Label
	scratch []byte
}

// valuesKey is a cell that lists raw values: what they are depends on the type.
type valuesKey struct {
	mapping.Type
	text string
}

func newKeeper() keeper {
	return keeper{
		texts:   map[string]string{},
		enums:   map[valuesKey][]mapping.EnumText{},
		invalid: map[valuesKey][]mapping.Invalid{},
		labels:  map[string][]mapping.Label{},
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
