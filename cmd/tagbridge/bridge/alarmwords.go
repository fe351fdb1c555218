package bridge

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
)

// alarmSentence is what an event says of an alarm of t that had the level before, and has another since; it has been for so
// long.
func alarmSentence(t *mapping.Tag, before alarm.Level, o *alarm.Output, lasted time.Duration) string {
	a := t.Alarm
	text := levelWords(a, o.Level)
	switch {
	case o.Level == alarm.None:
		text = levelWords(a, before) + " over after " + lasted.Round(time.Second).String()
	case before != alarm.None:
		text += ", after " + a.LevelName(before)
	}
	text += fmt.Sprintf(", priority %d", a.Priority)
	if !a.Binary {
		text += ": " + valueWords(t, o)
	}
	if a.Text != "" {
		text += ": " + a.Text
	}
	return text
}

// levelWords is what an alarm of that level is called.
func levelWords(a *mapping.Alarm, l alarm.Level) string {
	if a.Binary {
		return "alarm"
	}
	return a.LevelName(l) + " alarm"
}

// valueWords says how the value stands to the limit.
func valueWords(t *mapping.Tag, o *alarm.Output) string {
	form := byte('f')
	if size := math.Abs(o.Value); size >= 1e15 || size < 1e-6 && size > 0 {
		form = 'g'
	}
	value := withUnit(strconv.FormatFloat(o.Value, form, -1, 64), t.Unit)
	if o.Level == alarm.None {
		return value
	}
	limit := t.Alarm.Limit(o.Level)
	shown, at := withUnit(limit.String(), t.Unit), limit.Float64()
	high := o.Level == alarm.Hi || o.Level == alarm.HiHi
	switch {
	case o.Value == at:
		return value + " is the limit"
	case o.Value > at && high:
		return value + " is above " + shown
	case o.Value < at && !high:
		return value + " is below " + shown
	}
	return value + " is not back from " + shown + " yet"
}

func withUnit(value, unit string) string {
	if unit == "" {
		return value
	}
	return value + " " + unit
}
