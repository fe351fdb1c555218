package mapping

import (
	"testing"
	"time"

	"tagbridge/mapping/node"
)

func TestRepeatBad(t *testing.T) {
	r := newRig(0, Rule{}, Rule{})
	expect(t, "nothing sent yet", r.repeat(1e6), "")
	r = newRig(0, Rule{}, Rule{})
	r.apply(0, nil, BadTimeout)
	expect(t, "early", r.repeat(899), "")
	expect(t, "after 15 minutes", r.repeat(900), "900s null None BadTimeout!")
	expect(t, "and no more", r.repeat(901), "")
	expect(t, "nor by a poll", r.apply(902, nil, BadTimeout), "")
	expect(t, "15 minutes later", r.repeat(1801), "1801s null None BadTimeout!")
	r.apply(1802, 5, Good)
	expect(t, "good is polled", r.repeat(1e6), "")
}

func TestRepeatPushed(t *testing.T) {
	r := newRig(0, Rule{Pushed: true, Heartbeat: 10 * time.Second})
	expect(t, "nothing yet", r.repeat(1000), "")
	// The source's clock is slow by a quarter of an hour, which is no reason to send a heartbeat at once.
	expect(t, "first", r.apply(100, "idle", Good), "100s idle Text Good")
	expect(t, "pushed twice", r.apply(101, "idle", Good), "")
	expect(t, "early", r.repeat(1009), "")
	expect(t, "heartbeat", r.repeat(1010), "1010s idle Text Good")
	expect(t, "early again", r.repeat(1019), "")
	expect(t, "uncertain", r.apply(102, "busy", UncertainSubNormal), "102s busy Text UncertainSubNormal!")
	expect(t, "heartbeat", r.repeat(1029), "1029s busy Text UncertainSubNormal!")
	expect(t, "clock set back", r.repeat(500), "")
	expect(t, "heartbeat of that clock", r.repeat(510), "510s busy Text UncertainSubNormal!")
}

func TestForget(t *testing.T) {
	r := newRig(0, Rule{Report: ReportChange})
	r.apply(0, 5, Good)
	r.apply(1, nil, BadTimeout)
	r.apply(2, 5, Good)
	r.f.Forget(&r.b) // the change back to Good was lost
	expect(t, "the next shows it", r.apply(3, 5, Good), "3s 5 Int Good!")
	expect(t, "once", r.apply(4, 5, Good), "")
	r.apply(5, 6, Good)
	r.f.Forget(&r.b)
	expect(t, "a lost value", r.apply(6, 6, Good), "6s 6 Int Good")
}

func TestForgetOfReportAll(t *testing.T) {
	r := newRig(0, Rule{})
	r.apply(0, 5, Good)
	r.apply(1, 5, Good)
	r.f.Forget(&r.b)
	expect(t, "nothing to show", r.apply(2, 5, Good), "2s 5 Int Good")
	r.apply(2.1, nil, BadTimeout)
	r.apply(2.2, 5, Good)
	r.f.Forget(&r.b)
	expect(t, "good again is shown again", r.apply(2.3, 5, Good), "2.3s 5 Int Good!")
	r.apply(3, nil, BadTimeout)
	r.f.Forget(&r.b)
	expect(t, "bad again at once", r.repeat(4), "4s null None BadTimeout!")
	expect(t, "and once", r.repeat(5), "")
	r.f.Forget(&r.b)
	expect(t, "nothing in that batch", r.repeat(6), "")
}

// A pushed value that was lost would not be pushed again.
func TestForgetOfPushed(t *testing.T) {
	r := newRig(0, Rule{Pushed: true})
	r.apply(0, 5, Good)
	r.apply(1, 6, Good)
	r.f.Forget(&r.b)
	expect(t, "sent again", r.repeat(2), "2s 6 Int Good")
	expect(t, "once", r.repeat(3), "")
	r.f.Forget(&Batch{})
	r.apply(4, 7, Good)
	r.f.Forget(&r.b)
	expect(t, "a poll is faster", r.apply(5, 7, Good), "5s 7 Int Good")
	expect(t, "and enough", r.repeat(6), "")
}

func TestInherit(t *testing.T) {
	change := Rule{Report: ReportChange, Tag: 1}
	for _, c := range []struct {
		name string
		rule Rule
		exp  int8
		want string
	}{
		{"the same tag", change, 0, ""},
		{"scaled otherwise", Rule{Report: ReportChange, Tag: 2}, 0, "1s idle Text Good"},
		{"another deadband", Rule{Report: ReportChange, Tag: 1, Deadband: Deadband{Value: 1}}, 0, "1s idle Text Good"},
		{"another series", change, -1, "1s idle Text Good"},
	} {
		old := newRig(0, change)
		old.apply(0, "idle", Good)
		r := newRig(c.exp, c.rule)
		r.f.Inherit(old.f)
		old.apply(0, "busy", Good) // its text is not shared
		expect(t, c.name, r.apply(1, "idle", Good), c.want)
	}
	old := newRig(0, Rule{}, Rule{})
	old.apply(0, nil, BadTimeout)
	r := newRig(0, Rule{})
	r.f.Inherit(old.f)
	expect(t, "bad stays bad", r.apply(1, nil, BadTimeout), "")
	expect(t, "and is repeated in time", r.repeat(900), "900s null None BadTimeout!")
}

func TestRuleOfSeesWhatIsRead(t *testing.T) {
	build := func(change func(*Tag)) Rule {
		tag := newTag(t, "int16", "")
		tag.Invalid = []Invalid{{Value: Decimal{2, 0}}}
		change(tag)
		return RuleOf(tag)
	}
	base := build(func(*Tag) {})
	for name, change := range map[string]func(*Tag){
		"address":       func(tag *Tag) { tag.Address.Number++ },
		"bit":           func(tag *Tag) { tag.Address.Part = Bit },
		"node":          func(tag *Tag) { tag.Node = &node.Address{ID: node.ID{Num: 5}} },
		"order":         func(tag *Tag) { tag.Order = BADC },
		"scale":         func(tag *Tag) { tag.Scaling = linear(t, "0.1", "0") },
		"max":           func(tag *Tag) { tag.Max = bound(t, "0") },
		"invalid value": func(tag *Tag) { tag.Invalid[0].Value.Mant++ },
		"invalid bits":  func(tag *Tag) { tag.Invalid[0].Hex = true },
		"heartbeat":     func(tag *Tag) { tag.Heartbeat = time.Second },
		"deadband":      func(tag *Tag) { tag.Deadband.Value = 1 },
	} {
		if build(change) == base {
			t.Errorf("RuleOf does not see another %s", name)
		}
	}
	same := func(tag *Tag) { tag.Description, tag.Source.Line, tag.Unit = "d", 7, "°C" }
	if build(same) != base {
		t.Error("RuleOf sees what changes no value")
	}
}
