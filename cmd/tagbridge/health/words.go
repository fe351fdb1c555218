package health

import (
	"fmt"
	"time"
)

// Plural is "1 tag" or "3 tags".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// are is "1 device is" or "3 devices are".
func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return Plural(n, what) + " are"
}

// of is "1 of 3 devices is".
func of(n, all int, what string) string {
	verb := "are"
	if n == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%d of %s %s", n, Plural(all, what), verb)
}

// Seconds is s as a duration.
func Seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Samples is how many, with commas.
func Samples(n uint64) string {
	if n == 1 {
		return "1 sample"
	}
	return Commas(n) + " samples"
}

// Commas is n with commas between the thousands.
func Commas(n uint64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// HowLong is d as people say it: two units at most.
func HowLong(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d/time.Minute), int(d%time.Minute/time.Second))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d/time.Hour), int(d%time.Hour/time.Minute))
	}
	return fmt.Sprintf("%d days %d h", int(d/(24*time.Hour)), int(d%(24*time.Hour)/time.Hour))
}

// stamp is t in the time zone of the bridge.
func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
