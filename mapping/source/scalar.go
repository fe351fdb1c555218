package source

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Year is the longest that a period is.
const Year = 8760 * time.Hour

var (
	errNoUnit   = errors.New("a duration needs a unit, such as 500ms, 10s or 5m")
	errDuration = errors.New("no duration; write it as 500ms, 10s, 5m or 720h")
	errDays     = errors.New("no duration: write days in hours, one is 24h")
	errSize     = errors.New("no size; write it as 512KiB, 100MiB or 1GiB")
	errTooMuch  = errors.New("too large a number")
)

// ParseDuration reads a duration. Only 0 goes without a unit.
func ParseDuration(s string) (time.Duration, error) {
	s = strings.ReplaceAll(s, " ", "")
	if s == "0" {
		return 0, nil
	}
	if s == "" {
		return 0, errDuration
	}
	if isNumber(s) {
		return 0, errNoUnit
	}
	v, err := time.ParseDuration(s)
	if err == nil {
		return v, nil
	}
	lower := strings.ToLower(s)
	if meant := durationMeant(lower); meant != "" {
		return 0, fmt.Errorf("no duration: did you mean %s?", meant)
	}
	if strings.HasSuffix(lower, "d") || strings.HasSuffix(lower, "days") || strings.HasSuffix(lower, "day") {
		return 0, errDays
	}
	return 0, errDuration
}

// durationWords are what people write for units.
var durationWords = map[string]string{
	"s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "sek": "s", "ms": "ms", "msec": "ms", "millis": "ms",
	"millisecond": "ms", "milliseconds": "ms", "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h", "hr": "h",
	"hrs": "h", "hour": "h", "hours": "h", "std": "h",
}

// durationMeant is the duration that s, in small letters, is likely to mean, or "".
func durationMeant(s string) string {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz.")
	unit, ok := durationWords[strings.Trim(s[len(digits):], ".")]
	meant := strings.Replace(digits, ",", ".", 1) + unit
	if _, err := time.ParseDuration(meant); !ok || err != nil {
		return ""
	}
	return meant
}

func isNumber(s string) bool {
	return strings.Trim(s, "0123456789.,+-") == "" && strings.ContainsAny(s, "0123456789")
}

// sizeUnits are the units of sizes, longer ones before those that they end in.
var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// parseSize reads a number of bytes. Only 0 goes without a unit.
func parseSize(s string) (int64, error) {
	s = strings.ReplaceAll(s, " ", "")
	if s == "0" {
		return 0, nil
	}
	for _, u := range sizeUnits {
		number, ok := cutSuffixFold(s, u.name)
		if !ok {
			continue
		}
		if !isNumber(number) {
			return 0, errSize
		}
		v, err := strconv.ParseFloat(number, 64)
		switch {
		case err != nil || v < 0:
			return 0, errSize
		case v*u.bytes > 1<<50:
			return 0, errTooMuch
		}
		return int64(math.Round(v * u.bytes)), nil
	}
	return 0, errSize
}

func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at < 0 || !strings.EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}

// ParseBool reads yes and no as YAML, CSV and spreadsheets of several countries write them.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1", "wahr", "ja", "vrai", "oui":
		return true, true
	case "false", "no", "off", "0", "falsch", "nein", "faux", "non":
		return false, true
	}
	return false, false
}

// CutPrefixFold is s without prefix, in whatever capitals it is written.
func CutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
