package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// within bounds a number from both sides.
type within[T cmp.Ordered] struct{ low, high T }

// between takes numbers from low to high.
func between[T cmp.Ordered](low, high T) within[T] { return within[T]{low, high} }

func (w within[T]) has(v T) bool { return v >= w.low && v <= w.high }

func (s *section) text(key, def string) string {
	if v := s.value(key); v.ok {
		return v.text
	}
	return def
}

// secret reads a text that no message may show.
func (s *section) secret(key string) Secret {
	return Secret(s.text(key, ""))
}

func (s *section) bool(key string, def bool) bool {
	v := s.value(key)
	if !v.ok || v.open {
		return def
	}
	b, ok := parseBool(v.text)
	if !ok {
		v.problemf("must be true or false")
		return def
	}
	return b
}

func (s *section) int(key string, def int, w within[int]) int {
	v := s.value(key)
	if !v.ok || v.open {
		return def
	}
	n, err := strconv.Atoi(strings.TrimSpace(v.text))
	if err != nil {
		v.problemf("must be a whole number from %d to %d", w.low, w.high)
		return def
	}
	if !w.has(n) {
		v.problemf("must be from %d to %d", w.low, w.high)
		return def
	}
	return n
}

func (s *section) duration(key string, def time.Duration, w within[time.Duration]) time.Duration {
	v := s.value(key)
	if !v.ok || v.open {
		return def
	}
	t, err := parseDuration(v.text)
	if err != nil {
		v.problemf("%v", err)
		return def
	}
	if !w.has(t) {
		v.problemf("must be from %s to %s", showDuration(w.low), showDuration(w.high))
		return def
	}
	return t
}

// showDuration writes d as people do: 1h instead of 1h0m0s.
func showDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func (s *section) size(key string, def int64, w within[int64]) int64 {
	v := s.value(key)
	if !v.ok || v.open {
		return def
	}
	n, err := parseSize(v.text)
	if err != nil {
		v.problemf("%v", err)
		return def
	}
	if !w.has(n) {
		v.problemf("must be from %s to %s", showSize(w.low), showSize(w.high))
		return def
	}
	return n
}

func showSize(n int64) string {
	for _, u := range sizeUnits[:4] {
		if unit := int64(u.bytes); n >= unit && n%unit == 0 {
			return strconv.FormatInt(n/unit, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// share reads a part of a whole, as 0.05 or 5%.
func (s *section) share(key string, def float64) float64 {
	v := s.value(key)
	if !v.ok || v.open {
		return def
	}
	text, percent := strings.CutSuffix(strings.TrimSpace(v.text), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		f /= 100
	}
	if err != nil || math.IsNaN(f) || f < 0 || f > 1 {
		v.problemf("must be from 0%% to 100%%, such as 5%%")
		return def
	}
	return f
}

// oneOf reads one of a few words; the first is the default.
func (s *section) oneOf(key string, words ...string) string {
	v := s.value(key)
	if !v.ok || v.open {
		return words[0]
	}
	if slices.Contains(words, v.text) {
		return v.text
	}
	for _, w := range words {
		if strings.EqualFold(w, v.text) {
			return w
		}
	}
	v.problemf("must be %s%s", orList(words), DidYouMean(v.text, words))
	return words[0]
}

// orList is "a, b or c".
func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// name reads a name that also becomes a file's: letters, digits, - _ . beginning with a letter or digit.
// Without one that can be used it is "", which was reported.
func (s *section) name(key string) string {
	v := s.value(key)
	switch reason := nameFault(v.text); {
	case v.bad:
	case !v.ok:
		s.d.problemf(s.at, "%s without a name", s.what)
	case v.open || reason == "":
		return v.text
	default:
		v.problemf("%s", reason)
	}
	return ""
}

const maxName = 100

func nameFault(name string) string {
	if name == "" {
		return "a name must not be empty"
	}
	if len(name) > maxName {
		return fmt.Sprintf("a name has at most %d bytes", maxName)
	}
	for i, r := range name {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		switch {
		case i == 0 && !letter:
			return "a name begins with a letter or digit"
		case !letter && !strings.ContainsRune("-_.", r):
			return fmt.Sprintf("a name has letters, digits, - _ and . only, not %q", r)
		}
	}
	return ""
}

// file reads the path of a file that something else will open, resolved. One that is not there now is a warning: the
// connection that needs it fails, nothing else.
func (s *section) file(key string) string {
	v := s.value(key)
	if !v.ok || v.open || v.text == "" {
		return v.text
	}
	path := s.d.path(v.text)
	if err := s.d.readable(path); err != nil {
		v.warnf("cannot be read: %v", err)
	}
	return path
}
