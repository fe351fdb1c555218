package mapping

import (
	"testing"
	"time"
)

// TestDatedValueUnderAnUnchangedTime has a source whose time does not go on, or by whole seconds only.
func TestDatedValueUnderAnUnchangedTime(t *testing.T) {
	for name, report := range map[string]Report{"all": ReportAll, "change": ReportChange} {
		t.Run(name, func(t *testing.T) {
			r := newRig(0, Rule{Report: report, Dated: true})
			expect(t, "first", r.apply(100, 5, Good), "100s 5 Int Good")
			expect(t, "sent already", r.apply(100, 5, Good), "")
			expect(t, "another value", r.apply(100, 6, Good), "100s 6 Int Good")
			expect(t, "and back", r.apply(100, 5, Good), "100s 5 Int Good")
			expect(t, "another quality", r.apply(100, 5, UncertainSubNormal), "100s 5 Int UncertainSubNormal!")
			expect(t, "sent already", r.apply(100, 5, UncertainSubNormal), "")
			expect(t, "a text", r.apply(100, "on", UncertainSubNormal), "100s on Text UncertainSubNormal!")
			expect(t, "sent already", r.apply(100, "on", UncertainSubNormal), "")
			expect(t, "another text", r.apply(100, "off", UncertainSubNormal), "100s off Text UncertainSubNormal!")
		})
	}
	r := newRig(0, Rule{Report: ReportAll, Dated: true})
	r.apply(100, 5, Good)
	expect(t, "the same value of another time", r.apply(101, 5, Good), "101s 5 Int Good")
	r = newRig(0, Rule{Report: ReportChange, Dated: true})
	r.apply(100, 5, Good)
	expect(t, "no change", r.apply(101, 5, Good), "")
}

// TestHeartbeatOfDatedValues is at the bridge's time, whatever the source's does.
func TestHeartbeatOfDatedValues(t *testing.T) {
	for name, report := range map[string]Report{"all": ReportAll, "change": ReportChange} {
		t.Run(name, func(t *testing.T) {
			r := newRig(0, Rule{Report: report, Dated: true, Heartbeat: 10 * time.Second})
			expect(t, "nothing yet", r.repeat(1000), "")
			expect(t, "first", r.apply(100, 5, Good), "100s 5 Int Good")
			expect(t, "sent already", r.apply(100, 5, Good), "")
			expect(t, "early", r.repeat(1009), "")
			expect(t, "heartbeat", r.repeat(1010), "1010s 5 Int Good")
			expect(t, "sent already, before the heartbeat", r.apply(100, 5, Good), "")
			expect(t, "heartbeat again", r.repeat(1020), "1020s 5 Int Good")
			if !r.f.Beats() {
				t.Error("nobody would ask for the heartbeats")
			}
		})
	}
}

func TestReloadKeepsTheTimeOfDatedValues(t *testing.T) {
	old := newRig(0, Rule{Dated: true})
	old.apply(100, 5, Good)
	r := newRig(0, Rule{Dated: true})
	r.f.Inherit(old.f)
	expect(t, "sent before the reload", r.apply(100, 5, Good), "")
	expect(t, "another value", r.apply(100, 6, Good), "100s 6 Int Good")
}
