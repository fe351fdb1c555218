package mapping

import (
	"math"
	"strings"
	"time"

	"tagbridge/mapping/alarm"
)

// AlarmSuffix is what the name of a tag's alarm has after that of the tag.
const AlarmSuffix = ".alarm"

// Alarm is how a tag's values are judged: by limits, or of a bool by what it is. It does not change once loaded.
type Alarm struct {
	LoLo, Lo, Hi, HiHi Bound
	// Binary: there is an alarm while the tag is true, or with Inverted while it is false.
	Binary, Inverted  bool
	Deadband          float64 // engineering units
	OnDelay, OffDelay time.Duration
	Priority          int    // 1, the most urgent, to 4
	Text              string // for people: what is wrong, or what to do
}

// DefaultPriority is that of an alarm whose row has none.
const DefaultPriority = 2

// Rule is what judges the values of a tag that is read so often.
func (a *Alarm) Rule(poll time.Duration) alarm.Rule {
	r := alarm.Rule{Binary: a.Binary, Inverted: a.Inverted, OnDelay: a.OnDelay, OffDelay: a.OffDelay, Grace: poll}
	for l := range r.Limits {
		if r.Limits[l] = math.NaN(); l == int(alarm.None) {
			continue
		}
		if b := a.Limit(alarm.Level(l)); b.Set {
			r.Limits[l] = b.Float64()
		}
	}
	return alarm.NewRule(r, a.Deadband)
}

// Limit is that of level l, which is not None.
func (a *Alarm) Limit(l alarm.Level) *Bound {
	switch l {
	case alarm.LoLo:
		return &a.LoLo
	case alarm.Lo:
		return &a.Lo
	case alarm.Hi:
		return &a.Hi
	}
	return &a.HiHi
}

// LevelName is what level l of a is called.
func (a *Alarm) LevelName(l alarm.Level) string {
	r := alarm.Rule{Binary: a.Binary}
	return r.Name(l)
}

// Equal reports that a and o judge alike and say the same; nil: no alarm.
func (a *Alarm) Equal(o *Alarm) bool {
	return a == o || a != nil && o != nil && *a == *o
}

// The texts of the levels, as sinks get them.
var (
	limitTexts  = levelTexts(alarm.Rule{})
	binaryTexts = levelTexts(alarm.Rule{Binary: true})
)

func levelTexts(r alarm.Rule) (list []EnumText) {
	for l := range alarm.NumLevels {
		if !r.Binary || l <= alarm.Lo {
			list = append(list, EnumText{int64(l), r.Name(l)})
		}
	}
	return list
}

// alarmOf begins what is shown in place of the address of an alarm, which has none.
const alarmOf = "alarm of "

// IsAlarm reports that t is the alarm of another tag.
func (t *Tag) IsAlarm() bool {
	return t.Computed != nil && t.Computed.Value == nil && t.Name == strings.TrimPrefix(t.Computed.Expr, alarmOf)+AlarmSuffix
}

// AlarmTags are the tags of the alarms of tags, in their order: what is known of an alarm is sent under these. They are read
// from nowhere.
func AlarmTags(tags []*Tag) []*Tag {
	type key struct {
		of     *Traits
		binary bool
	}
	known := map[key]*Traits{}
	var list []*Tag
	for _, t := range tags {
		if t.Alarm == nil {
			continue
		}
		k := key{t.Traits, t.Alarm.Binary}
		if known[k] == nil {
			known[k] = alarmTraits(t)
		}
		list = append(list, &Tag{
			Name: t.Name + AlarmSuffix, Description: t.Alarm.Text, Source: t.Source, Traits: known[k], Computed: &Computed{Expr: alarmOf + t.Name},
		})
	}
	return list
}

// alarmTraits are those of the alarm of t.
func alarmTraits(t *Tag) *Traits {
	one := &Traits{Type: TypeUint8, Report: ReportChange, Poll: t.Poll, Labels: t.Labels, Enum: limitTexts}
	if t.Report == ReportChange {
		one.Heartbeat = t.Heartbeat
	}
	if t.Alarm.Binary {
		one.Enum = binaryTexts
	}
	return one
}

// AlarmOf is the tag whose alarm s is, by its name and its texts; "": s is no alarm.
func (s *Series) AlarmOf() string {
	name, ok := strings.CutSuffix(s.Tag, AlarmSuffix)
	if !ok || name == "" || s.Kind != Uint {
		return ""
	}
	texts := limitTexts
	if len(s.Enum) == len(binaryTexts) {
		texts = binaryTexts
	}
	if len(s.Enum) != len(texts) {
		return ""
	}
	for i, e := range s.Enum {
		if e != texts[i] {
			return ""
		}
	}
	return name
}

// MatchSeries is Match of a series: an alarm is matched by each pattern that matches it, or its tag, so that it goes where its
// tag goes unless a pattern says otherwise.
func (p Patterns) MatchSeries(device string, s *Series) bool {
	return p.matchWith(device, s.Tag, s.AlarmOf())
}

// MatchAlarm is MatchSeries of the alarm of that tag.
func (p Patterns) MatchAlarm(device, tag string) bool {
	return p.matchWith(device, tag+AlarmSuffix, tag)
}

// matchWith is Match of the tag of that name, which goes along with another; "": with none.
func (p Patterns) matchWith(device, tag, along string) bool {
	if along == "" || len(p) == 0 {
		return p.Match(device, tag)
	}
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].Matches(device, tag) || p[i].Matches(device, along) {
			return !p[i].exclude
		}
	}
	return p[0].exclude
}
