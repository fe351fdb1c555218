// Package when reads points in time as people type them, on the command line and in addresses of the API.
package when

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Forms are the accepted forms, for messages and help.
const Forms = "2026-03-01T02:00:00Z (or with +01:00), 2026-03-01 02:00, 2026-03-01, 02:00 (today), -6h (also -30m, -2d, -1w) or now"

// In local time, with or without seconds; T and a blank are the same.
var localForms = []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"}

// Parse reads text, in a form of Forms; now is the present time, in the zone of times without one. Of an hour that is there
// twice, as clocks are set back, it is the first.
func Parse(text string, now time.Time) (time.Time, error) {
	t, local, err := parse(text, now)
	if local {
		t = other(t, time.Time.Before)
	}
	return t, err
}

// other is t, or what a clock in its zone shows as the same, when that is better.
func other(t time.Time, better func(time.Time, time.Time) bool) time.Time {
	const form = "2006-01-02 15:04:05.999999999"
	best := t
	for shift := -2 * time.Hour; shift <= 2*time.Hour; shift += 30 * time.Minute {
		if o := t.Add(shift); o.Format(form) == t.Format(form) && better(o, best) {
			best = o
		}
	}
	return best
}

// parse is Parse, and reports that the zone was not given.
func parse(text string, now time.Time) (t time.Time, local bool, err error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return t, false, fmt.Errorf("no time: write %s", Forms)
	case strings.EqualFold(text, "now"):
		return now, false, nil
	case strings.HasPrefix(text, "-"):
		t, err = before(text, now)
		return t, false, err
	}
	if t, err := time.Parse(time.RFC3339Nano, zoned(text)); err == nil {
		t, err = inRange(t, text)
		return t, false, err
	}
	plain := strings.Replace(text, "T", " ", 1)
	for _, form := range localForms {
		if t, err := time.ParseInLocation(form, plain, now.Location()); err == nil {
			t, err = inRange(t, text)
			return t, err == nil, err
		}
	}
	for _, form := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(form, text); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, now.Location()), true, nil
		}
	}
	return t, false, fmt.Errorf("%q is no time%s: write %s", text, remark(text), Forms)
}

// zoned is text in the form of RFC 3339, if it is one but for a blank in place of the T, or of the + that an address
// brings as a blank.
func zoned(text string) string {
	text = strings.ToUpper(text)
	if day, rest, ok := strings.Cut(text, " "); ok && len(day) == len("2006-01-02") {
		text = day + "T" + rest
	}
	return strings.Replace(text, " ", "+", 1)
}

// inRange is t, unless it is beyond what nanoseconds can count.
func inRange(t time.Time, text string) (time.Time, error) {
	if t.Year() < 1970 || t.Year() > 2261 {
		return time.Time{}, fmt.Errorf("%q is not within 1970 to 2261", text)
	}
	return t, nil
}

// before is the time as long before now as text says, which begins with -.
func before(text string, now time.Time) (time.Time, error) {
	d, err := time.ParseDuration(text[1:])
	for unit, days := range map[string]float64{"d": 1, "w": 7} {
		number, ok := strings.CutSuffix(text[1:], unit)
		if n, wrong := strconv.ParseFloat(number, 64); ok && wrong == nil && n >= 0 && n*days <= 100*366 {
			d, err = time.Duration(n*days*24*float64(time.Hour)), nil
		}
	}
	if err != nil || d < 0 {
		return time.Time{}, fmt.Errorf("%q is no time before now: write -90s, -30m, -6h, -2d or -1w", text)
	}
	return inRange(now.Add(-d), text)
}

// remark is what is probably wrong with a text that is no time.
func remark(text string) string {
	if _, err := time.ParseDuration(text); err == nil {
		return fmt.Sprintf(" (did you mean -%s, that long ago?)", text)
	}
	for _, form := range []string{"02.01.2006", "2.1.2006 15:04", "02/01/2006", "01/02/2006", "2.1.2006"} {
		if _, err := time.Parse(form, text); err == nil {
			return " (the year comes first)"
		}
	}
	return ""
}

// Span reads two times, each of which may be left out, as the options --since and --until: what is left out is zero.
func Span(sinceText, untilText string, now time.Time) (since, until time.Time, err error) {
	if sinceText != "" {
		if since, err = Parse(sinceText, now); err != nil {
			return since, until, fmt.Errorf("--since: %w", err)
		}
	}
	if untilText != "" {
		var local bool
		if until, local, err = parse(untilText, now); err != nil {
			return since, until, fmt.Errorf("--until: %w", err)
		}
		if local {
			until = other(until, time.Time.After) // of an hour that is there twice, both
		}
	}
	if !since.IsZero() && !until.IsZero() && until.Before(since) {
		err = errors.New("--until is before --since")
	}
	return since, until, err
}
