package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Decimal is Mant × 10^Exp, exactly. Those of ParseDecimal have no trailing zero in Mant and zero is {0, 0}, so that
// equal numbers are ==.
type Decimal struct {
	Mant int64
	Exp  int8
}

// maxDigits is how many significant digits a decimal can have: each number of so many fits int64.
const maxDigits = 18

// ParseDecimal reads a number as people write it: a sign, digits with or without a point, an exponent. It is kept
// exactly; more than 18 significant digits are an error, never rounded.
func ParseDecimal(s string) (Decimal, error) {
	d, why := parseDecimal(s)
	if why != "" {
		return Decimal{}, fmt.Errorf("number %q: %s", s, why)
	}
	return d, nil
}

func parseDecimal(s string) (Decimal, string) {
	text, negative := strings.CutPrefix(s, "-")
	if !negative {
		text = strings.TrimPrefix(text, "+")
	}
	text, exp, why := cutExponent(text)
	if why != "" {
		return Decimal{}, why
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := whole + fraction
	if why := notDigits(digits); why != "" {
		return Decimal{}, why
	}
	digits = strings.TrimLeft(digits, "0")
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return Decimal{}, ""
	}
	if len(significant) > maxDigits {
		return Decimal{}, fmt.Sprintf("%d significant digits, at most %d are kept", len(significant), maxDigits)
	}
	exp += len(digits) - len(significant) - len(fraction)
	if exp < math.MinInt8 || exp > math.MaxInt8 {
		return Decimal{}, "exponent out of range"
	}
	mant, _ := strconv.ParseInt(significant, 10, 64) // at most 18 digits
	if negative {
		mant = -mant
	}
	return Decimal{Mant: mant, Exp: int8(exp)}, ""
}

// cutExponent splits "1.5e-3" into "1.5" and -3. An exponent beyond any use is refused here, so that sums with it
// cannot overflow.
func cutExponent(s string) (text string, exp int, why string) {
	at := strings.IndexAny(s, "eE")
	if at < 0 {
		return s, 0, ""
	}
	exp, err := strconv.Atoi(s[at+1:])
	switch {
	case errors.Is(err, strconv.ErrRange) || exp > 1e6 || exp < -1e6:
		return "", 0, "exponent out of range"
	case err != nil:
		return "", 0, notNumber
	}
	return s[:at], exp, ""
}

const notNumber = "not a number"

func notDigits(s string) string {
	if s == "" {
		return notNumber
	}
	for i := range len(s) {
		switch {
		case s[i] == ',':
			return "comma in a number: the decimal mark is a point, thousands are not separated"
		case s[i] < '0' || s[i] > '9':
			return notNumber
		}
	}
	return ""
}

// String is d in plain notation where that is short, else with an exponent.
func (d Decimal) String() string {
	digits := strconv.FormatInt(d.Mant, 10)
	sign := ""
	if d.Mant < 0 {
		sign, digits = "-", digits[1:]
	}
	switch exp := int(d.Exp); {
	case exp == 0 || d.Mant == 0:
		return sign + digits
	case exp > 0 && len(digits)+exp <= 21:
		return sign + digits + strings.Repeat("0", exp)
	case exp < 0 && -exp < len(digits):
		return sign + digits[:len(digits)+exp] + "." + digits[len(digits)+exp:]
	case exp < 0 && -exp <= 21:
		return sign + "0." + strings.Repeat("0", -exp-len(digits)) + digits
	default:
		return sign + digits + "e" + strconv.Itoa(exp)
	}
}

// IsZero reports the number 0.
func (d Decimal) IsZero() bool { return d.Mant == 0 }

// Float64 is the float64 nearest to d.
func (d Decimal) Float64() float64 { return decimalFloat(d.Mant, int(d.Exp)) }

// float32 is the float32 nearest to d, or an infinity.
func (d Decimal) float32() float32 {
	v, _ := strconv.ParseFloat(d.String(), 32) // an error is only of range, and then v is right
	return float32(v)
}

// Int is d as an integer; ok is false when it is none, or not one of int64.
func (d Decimal) Int() (v int64, ok bool) {
	v = d.Mant
	for exp := d.Exp; exp > 0 && v != 0; exp-- {
		if v > math.MaxInt64/10 || v < math.MinInt64/10 {
			return 0, false
		}
		v *= 10
	}
	for exp := d.Exp; exp < 0 && v != 0; exp++ {
		if v%10 != 0 {
			return 0, false
		}
		v /= 10
	}
	return v, true
}

// Cmp is -1, 0 or +1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	switch {
	case sign(d.Mant) != sign(e.Mant):
		return cmp.Compare(sign(d.Mant), sign(e.Mant))
	case d.Mant == 0:
		return 0
	case d.Exp == e.Exp:
		return cmp.Compare(d.Mant, e.Mant)
	case d.Exp < e.Exp:
		return -e.Cmp(d)
	}
	// Both have the same sign, and d has the greater exponent: write it with that of e.
	scaled, m := magnitude(d.Mant), magnitude(e.Mant)
	for exp := int(d.Exp); exp > int(e.Exp); exp-- {
		hi, lo := bits.Mul64(scaled, 10)
		if hi != 0 {
			return int(sign(d.Mant))
		}
		scaled = lo
	}
	if d.Mant < 0 {
		return cmp.Compare(m, scaled)
	}
	return cmp.Compare(scaled, m)
}

func sign(v int64) int64 {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
