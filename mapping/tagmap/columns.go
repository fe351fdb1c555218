// Package tagmap reads tag maps: rows of CSV and YAML into checked tags, with every problem at its cell. It also says how
// two lists of tags differ. It knows what a device gives its tags and nothing else of devices; package config reads a
// device's tags with it, and conversions, exports and the command line read their cells by the same rules.
package tagmap

import (
	"fmt"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/source"
)

// column is one of the columns of a tag map, or keys of a row in YAML.
type column uint8

// The columns, in the order in which a tag map has them by habit.
const (
	colTag column = iota
	colAddress
	colElement
	colExpr
	colValidIf
	colAggregate
	colWindow
	colStamp
	colTotal
	colType
	colOrder
	colPoll
	colScale
	colOffset
	colScaleBy
	colRawMin
	colRawMax
	colEngMin
	colEngMax
	colClamp
	colMin
	colMax
	colInvalid
	colEnum
	colUnit
	colReport
	colDeadband
	colHeartbeat
	colLoLo
	colLo
	colHi
	colHiHi
	colAlarm
	colAlarmDeadband
	colOnDelay
	colOffDelay
	colPriority
	colAlarmText
	colEnabled
	colDescription
	numColumns
)

var columnNames = [numColumns]string{
	"tag", "address", "element", "expr", "valid_if", "aggregate", "window", "stamp", "total", "type", "order", "poll", "scale", "offset", "scale_by", "raw_min", "raw_max", "eng_min", "eng_max",
	"clamp", "min", "max", "invalid", "enum", "unit", "report", "deadband", "heartbeat",
	"lolo", "lo", "hi", "hihi", "alarm", "alarm_deadband", "on_delay", "off_delay", "priority", "alarm_text", "enabled", "description",
}

// form is what may stand in a cell besides a text without meaning to spreadsheets.
type form uint8

// The forms.
const (
	formWord   form = iota
	formNumber      // a number, which may have a decimal comma, or be a thousand
	formPoint       // a number with a unit or a part, the comma in which is a point
	formList        // numbers or texts between |; here and below = may begin a text
	formPairs       // numbers with texts
	formFree        // any text
)

// forms are those of the columns that are no words.
var forms = [numColumns]form{
	colAddress: formPoint, colScaleBy: formPoint, colPoll: formPoint, colHeartbeat: formPoint,
	colScale: formNumber, colOffset: formNumber, colRawMin: formNumber, colRawMax: formNumber, colEngMin: formNumber,
	colEngMax: formNumber, colMin: formNumber, colMax: formNumber, colDeadband: formNumber,
	colLoLo: formNumber, colLo: formNumber, colHi: formNumber, colHiHi: formNumber, colAlarmDeadband: formNumber,
	colOnDelay: formPoint, colOffDelay: formPoint, colAlarmText: formFree,
	colInvalid: formList, colEnum: formPairs, colDescription: formFree,
	colExpr: formFree, colValidIf: formFree, colWindow: formPoint,
}

// form is that of c, which may also be a label's.
func (c column) form() form {
	if c < numColumns {
		return forms[c]
	}
	return formWord
}

func (c column) String() string { return columnNames[c] }

// columnsByName are the columns by their names in small letters.
var columnsByName = func() map[string]column {
	m := make(map[string]column, numColumns)
	for i, name := range columnNames {
		m[name] = column(i)
	}
	return m
}()

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
	{readValidIf, "valid_if", (*mapping.Tag).ValidIf},
	{readReckoned, "aggregate", (*mapping.Tag).AggregateText},
	{nil, "window", (*mapping.Tag).WindowText},
	{nil, "stamp", (*mapping.Tag).StampText},
	{nil, "total", (*mapping.Tag).TotalText},
	{nil, "type", TypeText},
	{nil, "timezone", func(t *mapping.Tag) string { return t.Zone }},
	{nil, "register_bytes", func(t *mapping.Tag) string { return fmt.Sprint(t.RegisterBytes()) }},
	{nil, "order", func(t *mapping.Tag) string { return t.Order.String() }},
	{readScaling, "rescaled", scalingText},
	{readScaleBy, "scale_by", func(t *mapping.Tag) string { return t.ScaleBy.String() }},
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
	{readAlarm, "lolo", limitText(alarm.LoLo)},
	{nil, "lo", limitText(alarm.Lo)},
	{nil, "hi", limitText(alarm.Hi)},
	{nil, "hihi", limitText(alarm.HiHi)},
	{nil, "alarm", alarmText(binaryText)},
	{nil, "alarm_deadband", alarmText(func(a *mapping.Alarm) string { return fmt.Sprint(a.Deadband) })},
	{nil, "on_delay", alarmText(func(a *mapping.Alarm) string { return source.ShowDuration(a.OnDelay) })},
	{nil, "off_delay", alarmText(func(a *mapping.Alarm) string { return source.ShowDuration(a.OffDelay) })},
	{nil, "priority", alarmText(func(a *mapping.Alarm) string { return fmt.Sprint(a.Priority) })},
	{nil, "alarm_text", alarmText(func(a *mapping.Alarm) string { return a.Text })},
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

// What a column of a file is besides one of the columns.
const (
	colIgnored column = numColumns + iota // headed #… or x_…, or unknown and reported
	colNoHeader
	colLabel // and higher: the label column number c-colLabel of the header
)

// maxLabels is how many label columns a map can have.
const maxLabels = 100

// columnOf is the column that a header or key names; ok is false when it names none, which is then described.
func columnOf(name string) (c column, label string, fault string) {
	lower := strings.ToLower(name)
	if c, ok := columnsByName[lower]; ok {
		return c, "", ""
	}
	switch {
	case name == "":
		return colNoHeader, "", ""
	case name[0] == '#', strings.HasPrefix(lower, "x_"):
		return colIgnored, "", ""
	case strings.HasPrefix(lower, "label."):
		label = name[len("label."):]
		if fault = LabelNameFault(label); fault != "" {
			return colIgnored, "", fault
		}
		return colLabel, label, ""
	case lower == "unit_id":
		return colIgnored, "", "it belongs to the device in the configuration, one device a unit"
	case lower == "slave" || lower == "slave_id" || lower == "station":
		return colIgnored, "", "did you mean unit_id? It belongs to the device in the configuration, one device a unit"
	case lower == "label" || lower == "labels":
		return colIgnored, "", "a label's column is headed label.NAME, such as label.area"
	}
	return colIgnored, "", "no such column" + source.DidYouMean(name, columnNames[:])
}
