package tagmap

import (
	"math"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// readReport reads which samples are sent. A deadband alone asks for changes.
func readReport(b *tagBuilder, r *row, t *mapping.Tag) {
	text := r.text(colReport)
	subscribed := b.def.Pushed
	switch {
	case text == "":
	case strings.EqualFold(text, "change"):
		t.Report = mapping.ReportChange
	case strings.EqualFold(text, "none"):
		t.Report = mapping.ReportNone
	case strings.EqualFold(text, "all"):
		if subscribed {
			r.warnf(colReport, "subscribed tags report changes only")
		}
	case strings.Contains(strings.ToLower(text), "change"), strings.Contains(strings.ToLower(text), "exception"):
		r.problemf(colReport, "must be %s: did you mean change?", source.OrList(reportNames[:]))
	default:
		r.problemf(colReport, "must be %s%s", source.OrList(reportNames[:]), source.DidYouMean(text, reportNames[:]))
	}
	readDeadband(b, r, t)
	if t.Deadband.Value != 0 && text == "" || subscribed && !t.Withheld() {
		t.Report = mapping.ReportChange
	}
	switch {
	case t.Deadband.Value == 0 || t.Report == mapping.ReportChange:
	case t.Withheld() || strings.EqualFold(text, "all"):
		r.warnf(colDeadband, "has no effect with report %s", reportNames[t.Report])
	}
	t.Heartbeat = r.duration(colHeartbeat, 0, source.Between[time.Duration](0, source.Year))
	switch {
	case t.Heartbeat == 0:
	case t.Withheld():
		r.warnf(colHeartbeat, "has no effect with report none: nothing is sent")
	case t.Report != mapping.ReportChange:
		r.warnf(colHeartbeat, "goes with report change; with report all every sample is sent")
	case t.Heartbeat < t.Poll:
		r.warnf(colHeartbeat, "shorter than the period %s: as if every sample were sent", source.ShowDuration(t.Poll))
	}
}

// readDeadband reads an absolute deadband, or one in percent of the range that the row gives.
func readDeadband(b *tagBuilder, r *row, t *mapping.Tag) {
	text := r.text(colDeadband)
	if text == "" {
		return
	}
	if !t.Type.IsNumber() {
		r.problemf(colDeadband, "a %s has no deadband: every change counts", t.Type)
		return
	}
	text, percent := strings.CutSuffix(text, "%")
	d, err := number(source.Trim(text), r.comma)
	switch {
	case err != nil:
		r.problemf(colDeadband, "%v (or percent of the range, such as 1%%)", err)
		return
	case d.Mant < 0:
		r.problemf(colDeadband, "must not be negative")
		return
	}
	v := d.Float64()
	if !percent {
		t.Deadband.Value = v
		return
	}
	if v > 100 {
		r.problemf(colDeadband, "must not be over 100%%")
		return
	}
	span, known := spanOf(r, t)
	switch {
	case known:
		t.Deadband.Value = v / 100 * span
	case b.kind.typed && !t.IsComputed():
		t.Deadband = mapping.Deadband{Value: v, Percent: true} // of the server's EURange
	default:
		r.problemf(colDeadband, "percent of what? Give eng_min and eng_max, or min and max")
	}
}

// spanOf is the width of the range that a deadband in percent is of.
func spanOf(r *row, t *mapping.Tag) (float64, bool) {
	s := &t.Scaling
	switch {
	case r.has(colEngMin) && r.has(colEngMax):
		return math.Abs(s.EngMax.Float64() - s.EngMin.Float64()), true
	case t.Min.Set && t.Max.Set:
		return t.Max.Float64() - t.Min.Float64(), true
	case r.has(colMin) && r.has(colMax):
		return 0, true // one of them is no number, which was reported
	}
	return 0, false
}
