package probe

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Shown is a number as a display shows it.
type Shown struct {
	Text   string
	Value  float64
	Half   float64 // half a unit of its last digit: what it may be off by
	Digits int     // from the first that is not 0 on
}

// maxShown is how long a number on a display can be.
const maxShown = 60

// ParseShown reads what a display shows: 23.1, 23,1, 1 234.5, 1'234, 6.55e4, with a unit after a blank or not. A comma is
// a decimal mark, unless a point comes after it.
func ParseShown(text string) (Shown, error) {
	s := Shown{Text: strings.TrimSpace(text)}
	if strings.HasPrefix(strings.ToLower(s.Text), "0x") {
		return s, notShown(s.Text)
	}
	if len(s.Text) > maxShown {
		return s, fmt.Errorf("%d characters: that is no number", len(s.Text))
	}
	number := strings.NewReplacer("\u2212", "-", "\u00a0", "", "\u202f", "", "'", "", "’", "", " ", "").Replace(withoutUnit(s.Text))
	number = ungrouped(ungrouped(number, "."), ",")
	switch comma, point := strings.LastIndexByte(number, ','), strings.LastIndexByte(number, '.'); {
	case comma >= 0 && point > comma:
		number = strings.ReplaceAll(number, ",", "")
	case comma >= 0:
		number = strings.ReplaceAll(number[:comma], ".", "") + "." + number[comma+1:]
	}
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(number), "e")
	e := 0
	if hasExponent {
		var err error
		if e, err = strconv.Atoi(exponent); err != nil || e > 400 || e < -400 {
			return s, notShown(s.Text)
		}
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(mantissa, "+-"), ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" || strings.Trim(mantissa, "+-0123456789.") != "" {
		return s, notShown(s.Text)
	}
	var err error
	if s.Value, err = strconv.ParseFloat(number, 64); err != nil {
		return s, notShown(s.Text)
	}
	s.Digits = len(strings.TrimLeft(whole+fraction, "0"))
	s.Half = 0.5 * math.Pow(10, float64(e-len(fraction)))
	return s, nil
}

// ungrouped is number without separators of thousands of which there are several: 1.234.567.
func ungrouped(number, separator string) string {
	groups := strings.Split(number, separator)
	if len(groups) < 3 {
		return number
	}
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return number
		}
	}
	return strings.Join(groups, "")
}

// dated are dates and times of day, as displays show them.
var dated = regexp.MustCompile(`^\d+([-./:])\d+(?:[-./:T ]+\d+)*$`)

func notShown(text string) error {
	if dated.MatchString(text) {
		return fmt.Errorf("%q looks like a date or a time: type a number that the display shows, such as 23.1 (a date in registers: read them with TYPE ALL, or as datetime)", text)
	}
	return fmt.Errorf("%q is no number: type what the display shows, such as 23.1", text)
}

// withoutUnit cuts what comes after the number.
func withoutUnit(s string) string {
	end := len(s)
	for i, r := range s {
		if unicode.IsLetter(r) && (r|0x20) != 'e' || r == '°' || r == '%' {
			end = i
			break
		}
	}
	return strings.TrimRight(s[:end], " \u00a0\u202f")
}

// fits reports that the display would show s of v.
func (s *Shown) fits(v float64) bool {
	return math.Abs(v-s.Value) <= s.Half+1e-12*math.Abs(s.Value)
}
