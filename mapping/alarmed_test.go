package mapping

import (
	"strconv"
	"testing"
	"time"

	"tagbridge/mapping/alarm"
)

func alarmed(name string, a *Alarm) *Tag {
	return &Tag{Name: name, Alarm: a, Traits: &Traits{Type: TypeFloat32, Poll: time.Second, Unit: "°C", Labels: []Label{{"area", "north"}}}}
}

func TestAlarmTags(t *testing.T) {
	temp := alarmed("temp", &Alarm{Hi: Bound{Decimal: Decimal{Mant: 80}, Set: true}, Text: "too hot"})
	other := *alarmed("other", temp.Alarm)
	other.Traits = temp.Traits
	door := alarmed("door", &Alarm{Binary: true})
	door.Report, door.Heartbeat = ReportChange, time.Minute
	list := AlarmTags([]*Tag{temp, alarmed("plain", nil), &other, door})
	if len(list) != 3 || list[0].Name != "temp.alarm" || list[0].Description != "too hot" || list[1].Name != "other.alarm" || list[2].Name != "door.alarm" {
		t.Fatalf("%+v", list)
	}
	if list[0].Traits != list[1].Traits || list[0].Traits == list[2].Traits {
		t.Error("alarms that are alike have no traits in common")
	}
	one := list[0]
	if one.Report != ReportChange || one.Heartbeat != 0 || one.Unit != "" || len(one.Labels) != 1 || len(one.Enum) != 5 || one.Enum[4] != (EnumText{4, "hihi"}) {
		t.Errorf("%+v", one.Traits)
	}
	if d := list[2]; d.Heartbeat != time.Minute || len(d.Enum) != 2 || d.Enum[1].Text != "alarm" {
		t.Errorf("%+v", d.Traits)
	}
}

// TestAlarmGoesAlong has patterns for an alarm, its tag, and one that only has such a name.
func TestAlarmGoesAlong(t *testing.T) {
	tags := AlarmTags([]*Tag{alarmed("temp", &Alarm{}), alarmed("door", &Alarm{Binary: true})})
	var alarms []*Series
	for _, one := range tags {
		alarms = append(alarms, NewSeries(one, NewSeriesTraits(one, Compile(one))))
	}
	plain := alarmed("temp.alarm", nil)
	for i, name := range []string{"temp", "door"} {
		if got := alarms[i].AlarmOf(); got != name {
			t.Errorf("alarm of %q, want %q", got, name)
		}
	}
	named := NewSeries(plain, NewSeriesTraits(plain, Compile(plain)))
	if got := named.AlarmOf(); got != "" {
		t.Errorf("a tag with such a name is taken for the alarm of %s", got)
	}
	for _, c := range []struct {
		list  []string
		takes bool
	}{
		{nil, true},
		{[]string{"boiler/temp"}, true},
		{[]string{"boiler/te?p"}, true},
		{[]string{"other/*"}, false},
		{[]string{"*.alarm"}, true},
		{[]string{"*", "!*.alarm"}, false},
		{[]string{"*", "!boiler/temp"}, false},
		{[]string{"*", "!boiler/temp", "boiler/temp.alarm"}, true},
		{[]string{"!boiler/temp"}, false},
		{[]string{"!boiler/tank"}, true},
	} {
		p, err := ParsePatterns(c.list)
		if err != nil {
			t.Fatal(err)
		}
		if p.MatchSeries("boiler", alarms[0]) != c.takes || p.MatchAlarm("boiler", "temp") != c.takes {
			t.Errorf("%v: want %v", c.list, c.takes)
		}
		if p.MatchSeries("boiler", named) != p.Match("boiler", "temp.alarm") {
			t.Errorf("%v takes a tag that is none like an alarm", c.list)
		}
	}
}

func TestAlarmRule(t *testing.T) {
	a := Alarm{Lo: Bound{Decimal: Decimal{Mant: 5}, Set: true}, HiHi: Bound{Decimal: Decimal{Mant: 905, Exp: -1}, Set: true}, OnDelay: time.Second, Deadband: 2}
	r := a.Rule(3 * time.Second)
	for l, want := range map[alarm.Level]float64{alarm.Lo: 5, alarm.HiHi: 90.5} {
		if v, ok := r.Limit(l); v != want || !ok {
			t.Errorf("%v: %v %v", l, v, ok)
		}
	}
	if _, ok := r.Limit(alarm.Hi); ok || r.Grace != 3*time.Second || r.OnDelay != time.Second {
		t.Errorf("%+v", r)
	}
	var none *Alarm
	same := a
	if !a.Equal(&same) || a.Equal(none) || !none.Equal(nil) || none.Equal(&a) {
		t.Error("Equal")
	}
	if same.Text = "x"; a.Equal(&same) {
		t.Error("Equal of another text")
	}
}

func TestValueRange(t *testing.T) {
	whole := func(v int64) Decimal { return Decimal{Mant: v} }
	for _, c := range []struct {
		traits    Traits
		low, high string
	}{
		{Traits{Type: TypeInt16}, "-32768", "32767"},
		{Traits{Type: TypeUint16, Scaling: Scaling{Kind: Linear, Scale: Decimal{Mant: -1, Exp: -1}, Offset: whole(10)}}, "-6543.5", "10"},
		{Traits{Type: TypeUint16, Clamp: ClampBoth, Scaling: Scaling{Kind: FromRange, RawMin: whole(4000), RawMax: whole(20000), EngMax: whole(10)}}, "0", "10"},
		{Traits{Type: TypeUint16, Scaling: Scaling{Kind: FromRange, RawMin: whole(4000), RawMax: whole(20000), EngMax: whole(16)}}, "-4", "61.535"},
		{Traits{Type: TypeFloat32}, "-Inf", "+Inf"},
		{Traits{Type: TypeInt16, ScaleBy: 1}, "-Inf", "+Inf"},
	} {
		tag := Tag{Traits: &c.traits}
		low, high := tag.ValueRange()
		if got, want := formatted(low)+" "+formatted(high), c.low+" "+c.high; got != want {
			t.Errorf("%+v: %s, want %s", c.traits, got, want)
		}
	}
}

func formatted(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
