package tagmap

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// enumAuto has the texts be those of the OPC UA server.
const enumAuto = "auto"

// readEnum reads texts of values, such as 0=stopped|1=running.
func readEnum(b *tagBuilder, r *row, t *mapping.Tag) {
	text := r.text(colEnum)
	if text == "" {
		return
	}
	if t.Scaled() {
		r.problemf(colEnum, "texts belong to raw values: not together with scaling")
	}
	if t.Type.IsText() || t.Type.IsFloat() {
		r.problemf(colEnum, "texts belong to integers and bool, not to %s", t.Type)
		return
	}
	if strings.EqualFold(text, enumAuto) {
		if t.EnumAuto = b.kind.typed && !t.IsComputed(); !t.EnumAuto {
			r.problemf(colEnum, "only OPC UA servers know texts: write them, such as 0=stopped|1=running")
		}
		return
	}
	t.Enum = enumTexts(b, r, t, text)
}

// enumTexts reads a list of values with their texts.
func enumTexts(b *tagBuilder, r *row, t *mapping.Tag, text string) []mapping.EnumText {
	if list, ok := b.keep.enums[keyOf(t, text)]; ok {
		return list
	}
	if strings.Count(text, "|") >= MaxParts {
		r.problemf(colEnum, "over %d values", MaxParts)
		return nil
	}
	var list []mapping.EnumText
	faultless := true
	for part := range strings.SplitSeq(text, "|") {
		e, fault := enumEntry(part, t)
		if fault == "" && slices.ContainsFunc(list, func(o mapping.EnumText) bool { return o.Value == e.Value }) {
			fault = "value " + strconv.FormatInt(e.Value, 10) + " twice"
		}
		if fault != "" {
			r.problemf(colEnum, "%s", fault)
			faultless = false
			continue
		}
		if severalInOne.MatchString(e.Text) {
			r.warnf(colEnum, "%sis one text: separate several with |", shown(e.Text))
			faultless = false // another row says it again
		}
		e.Text = b.keep.text(e.Text)
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y mapping.EnumText) int {
		if x.Value < y.Value {
			return -1
		}
		return 1
	})
	if faultless {
		b.keep.enums[keyOf(t, strings.Clone(text))] = list
	}
	return list
}

// wholeNumber reads decimal and 0x; leading zeros mean nothing.
func wholeNumber(text string) (int64, error) {
	sign, digits := "", text
	if digits != "" && strings.ContainsRune("+-", rune(digits[0])) {
		sign, digits = digits[:1], digits[1:]
	}
	if hex, ok := source.CutPrefixFold(digits, "0x"); ok {
		return strconv.ParseInt(sign+hex, 16, 64)
	}
	return strconv.ParseInt(text, 10, 64)
}

// severalInOne is how an enum looks that is not separated by |.
var severalInOne = regexp.MustCompile(`[;,/]\s*-?\d+\s*=`)

func enumEntry(part string, t *mapping.Tag) (e mapping.EnumText, fault string) {
	number, text, found := strings.Cut(part, "=")
	number, text = source.Trim(number), source.Trim(text)
	if !found {
		return e, shown(part) + "must be value=text, such as 0=stopped|1=running"
	}
	v, err := wholeNumber(number)
	if flag, ok := source.ParseBool(number); err != nil && ok && t.Type == mapping.TypeBool {
		v, err = 0, nil
		if flag {
			v = 1
		}
	}
	switch {
	case errors.Is(err, strconv.ErrRange):
		return e, shown(number) + "is too large for a value with a text"
	case err != nil:
		return e, shown(part) + "must begin with a whole number"
	case text == "":
		return e, shown(part) + "has no text"
	case TextFault(text) != "":
		return e, shown(part) + TextFault(text)
	}
	if low, high, ok := t.Type.Bounds(t.Length); ok && (v < low || v > high) {
		return e, shown(number) + "is no value of " + t.TypeText()
	}
	return mapping.EnumText{Value: v, Text: text}, ""
}
