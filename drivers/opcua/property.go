package opcua

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// The properties that say what a value means (Part 8).
const (
	propUnit   = "EngineeringUnits"
	propRange  = "EURange"
	propTexts  = "EnumStrings"
	propValues = "EnumValues"
	propFalse  = "FalseState"
	propTrue   = "TrueState"
)

// property takes over the value of a property, and reports that it told texts.
func (f *Facts) property(name string, v wire.Variant) (texts bool) {
	switch name {
	case propUnit:
		f.Unit = plain(unitOf(v))
	case propRange:
		f.Span = spanOf(v)
	case propFalse, propTrue:
		e := mapping.EnumText{Text: plain(text(v))}
		if name == propTrue {
			e.Value = 1
		}
		if e.Text == "" {
			return false
		}
		f.Enum = slices.DeleteFunc(slices.Clone(f.Enum), func(old mapping.EnumText) bool { return old.Value >= e.Value })
		f.Enum = append(f.Enum, e) // false comes first
		return true
	default:
		if list := tidyTexts(enumTexts(v)); len(list) > 0 {
			f.Enum = list
			return true
		}
	}
	return false
}

// spanOf is the width of a Range; 0 when it is none.
func spanOf(v wire.Variant) float64 {
	if v.Type != wire.TypeExtension || v.Array {
		return 0
	}
	e := wire.NewReader(v.Raw).Extension()
	body := wire.NewReader(e.Body)
	if low, high := body.Range(); e.Type == wire.RangeEncoding && body.Err() == nil && high > low {
		return min(high-low, 1e300)
	}
	return 0
}

// maxText bounds what is taken of a server's texts.
const maxText = 255

// plain is s on one line, without what cannot be seen.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return strings.TrimSpace(s)
}

// tidyTexts is the texts of an enumeration as tags have them: sorted, each value once. Values without a text have none.
func tidyTexts(list []wire.EnumText) []mapping.EnumText {
	var tidy []mapping.EnumText
	for _, e := range list {
		if name := plain(e.Text); name != "" {
			tidy = append(tidy, mapping.EnumText{Value: e.Value, Text: name})
		}
	}
	slices.SortStableFunc(tidy, func(x, y mapping.EnumText) int { return cmp.Compare(x.Value, y.Value) })
	return slices.CompactFunc(tidy, func(x, y mapping.EnumText) bool { return x.Value == y.Value })
}
