package tagmap

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/source"
)

// limitColumns are those of limits, the lowest first.
var limitColumns = []struct {
	column
	level alarm.Level
}{{colLoLo, alarm.LoLo}, {colLo, alarm.Lo}, {colHi, alarm.Hi}, {colHiHi, alarm.HiHi}}

// alarmColumns say more of an alarm, and make none.
var alarmColumns = []column{colAlarmDeadband, colOnDelay, colOffDelay, colPriority, colAlarmText}

// inverted has a bool be an alarm while it is false, as a contact that opens does.
const inverted = "inverted"

var (
	alarmWords = []string{"true", "false", inverted}
	priorities = []string{"1", "2", "3", "4"}
)

// delayBounds are those of how long a value has to be beyond a limit, or back.
var delayBounds = source.Between[time.Duration](0, source.Year)

// readAlarm reads how the values of a row are judged.
func readAlarm(b *tagBuilder, r *row, t *mapping.Tag) {
	var a mapping.Alarm
	limits := readAlarmLimits(r, t, &a)
	binary := readBinary(r, t, &a, limits)
	a.OnDelay, a.OffDelay = r.duration(colOnDelay, 0, delayBounds), r.duration(colOffDelay, 0, delayBounds)
	readPriority(r, &a)
	readAlarmDeadband(r, t, &a)
	if a.Text = b.keep.text(r.text(colAlarmText)); a.Text == "" {
		a.Text = t.Description
	} else if fault := TextFault(a.Text); fault != "" {
		r.problemf(colAlarmText, "%s", fault)
	}
	if !limits && !binary {
		if c, ok := r.firstOf(alarmColumns...); ok && !r.has(colAlarm) {
			r.warnf(c, "has no effect without a limit: lolo, lo, hi, hihi, or alarm for a bool")
		}
		return
	}
	checkAlarmed(r, t, limits && binary)
	t.Alarm = &a
}

// firstAlarm is the first column that makes the row's alarm.
func (r *row) firstAlarm() column {
	c, _ := r.firstOf(colLoLo, colLo, colHi, colHiHi, colAlarm)
	return c
}

// checkAlarmed reports a tag that cannot have an alarm.
func checkAlarmed(r *row, t *mapping.Tag, both bool) {
	c := r.firstAlarm()
	switch {
	case both:
		r.problemf(colAlarm, "is for a bool, and limits are for a number: keep one of both")
	case t.Withheld():
		r.problemf(c, "with report none nothing is sent, and what is not sent is not judged: write report all or change")
	case t.EachElement():
		r.problemf(c, "a row for all elements of an array has no alarm: write a row for each element that has one, such as [3]")
	case len(t.Name)+len(mapping.AlarmSuffix) > 255:
		r.problemf(c, "the alarm would be named %s%s, and a name has at most 255 bytes: choose a shorter one", source.Shorten(t.Name), mapping.AlarmSuffix)
	}
}

// readAlarmLimits reads the limits, of which each is to be above the one before.
func readAlarmLimits(r *row, t *mapping.Tag, a *mapping.Alarm) (any bool) {
	var lower column
	var low mapping.Bound
	for _, l := range limitColumns {
		if !r.has(l.column) {
			continue
		}
		switch any = true; {
		case t.Type == mapping.TypeBool:
			r.problemf(l.column, "a bool has no limits: write true into the column alarm")
			continue
		case !t.Type.IsNumber():
			r.problemf(l.column, "a %s has no limits", t.Type)
			continue
		}
		v := r.decimal(l.column)
		if !v.Set {
			continue
		}
		if low.Set && v.Cmp(low.Decimal) <= 0 {
			r.problemf(l.column, "must be more than %s, %s: lolo < lo < hi < hihi", lower, r.text(lower))
		}
		*a.Limit(l.level), lower, low = v, l.column, v
		checkReach(r, t, l.column, l.level, v)
	}
	return any
}

// checkReach warns of a limit that no value reaches, or none that is plausible.
func checkReach(r *row, t *mapping.Tag, c column, l alarm.Level, v mapping.Bound) {
	up := l == alarm.Hi || l == alarm.HiHi
	low, high := t.ValueRange()
	switch {
	case up && v.Float64() > high:
		r.warnf(c, "can never be reached: values of this row end at %v", high)
	case !up && v.Float64() < low:
		r.warnf(c, "can never be reached: values of this row begin at %v", low)
	case up && t.Max.Set && v.Cmp(t.Max.Decimal) > 0:
		r.warnf(c, "is more than max, %s: a value there is implausible before it is an alarm", t.Max.Decimal)
	case !up && t.Min.Set && v.Cmp(t.Min.Decimal) < 0:
		r.warnf(c, "is less than min, %s: a value there is implausible before it is an alarm", t.Min.Decimal)
	}
}

// readBinary reads whether a bool is an alarm.
func readBinary(r *row, t *mapping.Tag, a *mapping.Alarm, limits bool) bool {
	text := r.text(colAlarm)
	if text == "" {
		return false
	}
	v, ok := source.ParseBool(text)
	if a.Inverted = strings.EqualFold(text, inverted); !ok && !a.Inverted {
		r.problemf(colAlarm, "must be %s%s", source.OrList(alarmWords), source.DidYouMean(text, alarmWords))
		return false
	}
	if a.Binary = v || a.Inverted; a.Binary && !limits && t.Type != mapping.TypeBool && t.Type != mapping.TypeAuto {
		r.problemf(colAlarm, "is for a bool, and this is a %s: give limits (lolo, lo, hi, hihi)", t.TypeText())
	}
	return a.Binary
}

func readPriority(r *row, a *mapping.Alarm) {
	a.Priority = mapping.DefaultPriority
	text := r.text(colPriority)
	if text == "" {
		return
	}
	i := slices.Index(priorities, text)
	if i < 0 {
		r.problemf(colPriority, "must be 1, the most urgent, to 4")
		return
	}
	a.Priority, _ = strconv.Atoi(priorities[i])
}

// readAlarmDeadband reads how far a value has to be back from a limit, also in percent of the range.
func readAlarmDeadband(r *row, t *mapping.Tag, a *mapping.Alarm) {
	text := r.text(colAlarmDeadband)
	if text == "" {
		return
	}
	if a.Binary || t.Type == mapping.TypeBool {
		r.problemf(colAlarmDeadband, "a bool has no deadband")
		return
	}
	text, percent := strings.CutSuffix(text, "%")
	d, err := number(source.Trim(text), r.comma)
	switch v := d.Float64(); {
	case err != nil:
		r.problemf(colAlarmDeadband, "%v (or percent of the range, such as 1%%)", err)
	case d.Mant < 0:
		r.problemf(colAlarmDeadband, "must not be negative")
	case percent && v > 100:
		r.problemf(colAlarmDeadband, "must not be over 100%%")
	case percent:
		span, known := spanOf(r, t)
		if !known {
			r.problemf(colAlarmDeadband, "percent of what? Give eng_min and eng_max, or min and max")
		}
		a.Deadband = v / 100 * span
	default:
		a.Deadband = v
	}
	checkDistance(r, a)
}

// checkDistance reports a deadband with which a value that is at one limit would not be back from the next.
func checkDistance(r *row, a *mapping.Alarm) {
	var lower column
	var low mapping.Bound
	for _, l := range limitColumns {
		v := *a.Limit(l.level)
		if !v.Set {
			continue
		}
		if d := v.Float64() - low.Float64(); low.Set && d > 0 && a.Deadband > d {
			r.problemf(colAlarmDeadband, "is more than the distance between %s and %s: a value at one would not be back from the other", lower, l.column)
			return
		}
		lower, low = l.column, v
	}
}

// claimAlarm reports a row whose name is that of another one's alarm, or the other way round.
func (b *tagBuilder) claimAlarm(r *row, t *mapping.Tag) {
	if of, taken := b.alarms[t.Name]; taken {
		r.problemf(colTag, "is the name of the alarm of %s in %s: choose another one", strings.TrimSuffix(t.Name, mapping.AlarmSuffix), sourceFrom(of, t.Source.File))
	}
	if t.Alarm == nil {
		return
	}
	name := t.Name + mapping.AlarmSuffix
	if other, taken := b.names[name]; taken {
		r.problemf(r.firstAlarm(), "the alarm would be named %s, and the tag of this name is in %s: choose another name for that one", name, sourceFrom(other, t.Source.File))
	}
	if b.alarms == nil {
		b.alarms = map[string]mapping.Source{}
	}
	b.alarms[name] = t.Source
}

// limitText shows the limit of a level.
func limitText(l alarm.Level) func(t *mapping.Tag) string {
	return alarmText(func(a *mapping.Alarm) string { return boundText(*a.Limit(l)) })
}

// alarmText shows something of an alarm; of a tag without one, nothing.
func alarmText(show func(a *mapping.Alarm) string) func(t *mapping.Tag) string {
	return func(t *mapping.Tag) string {
		if t.Alarm == nil {
			return ""
		}
		return show(t.Alarm)
	}
}

func binaryText(a *mapping.Alarm) string {
	switch {
	case a.Inverted:
		return inverted
	case a.Binary:
		return "true"
	}
	return ""
}

// AlarmTags are the tags of the alarms of l, which is complete; see mapping.AlarmTags. They are made once.
func (l *List) AlarmTags() []*mapping.Tag {
	if !l.hasAlarms {
		l.alarms, l.hasAlarms = mapping.AlarmTags(l.Tags), true
	}
	return l.alarms
}

// alarmFault says why a tag that is computed cannot have the alarm of its row, which its formula's type tells; "": it can.
func alarmFault(t *mapping.Tag, typ mapping.Type) string {
	switch {
	case t.Alarm == nil || typ == mapping.TypeAuto:
		return ""
	case typ.IsText():
		return "gives a text, which has no alarm: remove the limits, or alarm"
	case typ == mapping.TypeBool && !t.Alarm.Binary:
		return "gives true or false, which has no limits: write true into the column alarm"
	case typ != mapping.TypeBool && t.Alarm.Binary:
		return "gives a number, and alarm is for a bool: give limits (lolo, lo, hi, hihi)"
	}
	return ""
}
