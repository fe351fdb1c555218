package source

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

// Within bounds a number from both sides.
type Within[T cmp.Ordered] struct{ Low, High T }

// Between takes numbers from low to high.
func Between[T cmp.Ordered](low, high T) Within[T] { return Within[T]{low, high} }

// Has reports that v is in it.
func (w Within[T]) Has(v T) bool { return v >= w.Low && v <= w.High }

// Text reads a text; def is what it is when it is not there, here as below.
func (s *Section) Text(key, def string) string {
	s.tell(key, "text", func(a *Asked) { a.Default = def })
	if v := s.Value(key); v.OK {
		return v.Text
	}
	return def
}

// Secret reads a text that no message may show.
func (s *Section) Secret(key string) Secret {
	s.tell(key, "secret", nil)
	return Secret(s.Text(key, ""))
}

// Bool reads true or false, in the words of several countries.
func (s *Section) Bool(key string, def bool) bool {
	s.tell(key, "true, false", func(a *Asked) { a.Default = strconv.FormatBool(def) })
	v := s.Value(key)
	if !v.OK || v.Open {
		return def
	}
	b, ok := ParseBool(v.Text)
	if !ok {
		v.Problemf("must be true or false")
		return def
	}
	return b
}

// Int reads a whole number in w.
func (s *Section) Int(key string, def int, w Within[int]) int {
	s.tell(key, "whole number", func(a *Asked) {
		if a.Limits = between(w.Low, w.High); w.Has(def) { // else it stands for none
			a.Default = strconv.Itoa(def)
		}
	})
	v := s.Value(key)
	if !v.OK || v.Open {
		return def
	}
	n, err := strconv.Atoi(strings.TrimSpace(v.Text))
	if err != nil {
		v.Problemf("must be a whole number from %d to %d", w.Low, w.High)
		return def
	}
	if !w.Has(n) {
		v.Problemf("must be from %d to %d", w.Low, w.High)
		return def
	}
	return n
}

// Duration reads a duration in w.
func (s *Section) Duration(key string, def time.Duration, w Within[time.Duration]) time.Duration {
	s.tell(key, "duration", func(a *Asked) {
		a.Default, a.Limits = ShowDuration(def), between(ShowDuration(w.Low), ShowDuration(w.High))
	})
	v := s.Value(key)
	if !v.OK || v.Open {
		return def
	}
	t, err := ParseDuration(v.Text)
	if err != nil {
		v.Problemf("%v", err)
		return def
	}
	if !w.Has(t) {
		v.Problemf("must be from %s to %s", ShowDuration(w.Low), ShowDuration(w.High))
		return def
	}
	return t
}

// ShowDuration writes d as people do: 1h instead of 1h0m0s.
func ShowDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// Size reads a number of bytes in w.
func (s *Section) Size(key string, def int64, w Within[int64]) int64 {
	s.tell(key, "size", func(a *Asked) { a.Default, a.Limits = ShowSize(def), between(ShowSize(w.Low), ShowSize(w.High)) })
	v := s.Value(key)
	if !v.OK || v.Open {
		return def
	}
	n, err := parseSize(v.Text)
	if err != nil {
		v.Problemf("%v", err)
		return def
	}
	if !w.Has(n) {
		v.Problemf("must be from %s to %s", ShowSize(w.Low), ShowSize(w.High))
		return def
	}
	return n
}

// ShowSize writes n as people do, in the largest unit that divides it.
func ShowSize(n int64) string {
	for _, u := range sizeUnits[:4] {
		if unit := int64(u.bytes); n >= unit && n%unit == 0 {
			return strconv.FormatInt(n/unit, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// Share reads a part of a whole, as 0.05 or 5%.
func (s *Section) Share(key string, def float64) float64 {
	s.tell(key, "share", func(a *Asked) { a.Default, a.Limits = strconv.FormatFloat(def, 'g', -1, 64), between("0%", "100%") })
	v := s.Value(key)
	if !v.OK || v.Open {
		return def
	}
	text, percent := strings.CutSuffix(strings.TrimSpace(v.Text), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		f /= 100
	}
	if err != nil || math.IsNaN(f) || f < 0 || f > 1 {
		v.Problemf("must be from 0%% to 100%%, such as 5%%")
		return def
	}
	return f
}

// OneOf reads one of a few words; the first is the default.
func (s *Section) OneOf(key string, words ...string) string {
	s.tell(key, "word", func(a *Asked) { a.Default, a.Limits = words[0], strings.Join(words, ", ") })
	v := s.Value(key)
	if !v.OK || v.Open {
		return words[0]
	}
	if slices.Contains(words, v.Text) {
		return v.Text
	}
	for _, w := range words {
		if strings.EqualFold(w, v.Text) {
			return w
		}
	}
	v.Problemf("must be %s%s", OrList(words), DidYouMean(v.Text, words))
	return words[0]
}

// OrList is "a, b or c".
func OrList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Name reads a name that also becomes a file's: letters, digits, - _ . beginning with a letter or digit.
// Without one that can be used it is "", which was reported.
func (s *Section) Name(key string) string {
	s.tell(key, "name", nil)
	v := s.Value(key)
	switch reason := nameFault(v.Text); {
	case v.Bad:
	case !v.OK:
		s.Doc.Problemf(s.At, "%s without a name", s.What)
	case v.Open || reason == "":
		return v.Text
	default:
		v.Problemf("%s", reason)
	}
	return ""
}

// MaxName is how many bytes a name has at most.
const MaxName = 100

func nameFault(name string) string {
	if name == "" {
		return "a name must not be empty"
	}
	if len(name) > MaxName {
		return fmt.Sprintf("a name has at most %d bytes", MaxName)
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

// File reads the path of a file that something else will open, resolved. One that is not there now is a warning: the
// connection that needs it fails, nothing else.
func (s *Section) File(key string) string {
	s.tell(key, "file", nil)
	v := s.Value(key)
	if !v.OK || v.Open || v.Text == "" {
		return v.Text
	}
	path := v.Doc.Path(v.Text)
	if err := v.Doc.Readable(path); err != nil {
		v.Warnf("cannot be read: %v", err)
	}
	return path
}
