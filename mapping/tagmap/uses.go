package tagmap

import (
	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// use is what is done with a column, or with some that belong together.
type use struct {
	read func(b *tagBuilder, r *row, t *mapping.Tag) // nil: one above reads it, too
	what string                                      // what changed, where text did; "": that is not told
	text func(t *mapping.Tag) string
}

// uses are what is done with the columns, in the order in which a row is read and changes are told: a reader may need what
// those above it have read.
var uses = []use{
	{read: readName},
	{readPlace, "moved", (*mapping.Tag).Where},
	{nil, "type", TypeText},
	{nil, "order", func(t *mapping.Tag) string { return t.Order.String() }},
	{readScaling, "rescaled", scalingText},
	{nil, "clamp", func(t *mapping.Tag) string { return clampNames[t.Clamp] }},
	{readPoll, "poll", func(t *mapping.Tag) string { return source.ShowDuration(t.Poll) }},
	{readLimits, "min", func(t *mapping.Tag) string { return boundText(t.Min) }},
	{nil, "max", func(t *mapping.Tag) string { return boundText(t.Max) }},
	{readUnit, "unit", func(t *mapping.Tag) string { return t.Unit }},
	{readReport, "report", func(t *mapping.Tag) string { return reportNames[t.Report] }},
	{nil, "deadband", deadbandText},
	{nil, "heartbeat", func(t *mapping.Tag) string { return source.ShowDuration(t.Heartbeat) }},
	{readDescription, "description", func(t *mapping.Tag) string { return t.Description }},
	{readEnum, "enum", enumText},
	{readInvalid, "invalid", invalidText},
	{readRowLabels, "labels", func(t *mapping.Tag) string { return LabelsText(t.Labels) }},
}

// tagChanges says in what two tags of one name differ.
func tagChanges(a, b *mapping.Tag) []string {
	var list []string
	for _, u := range uses {
		if u.text == nil {
			continue
		}
		if from, to := u.text(a), u.text(b); from != to {
			list = append(list, u.what+" "+FromTo(from, to))
		}
	}
	return list
}
