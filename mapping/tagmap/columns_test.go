package tagmap

import (
	"strings"
	"testing"

	"tagbridge/mapping"
)

// samples have, for each column, cells that make a difference to the first ones: what a forgotten reader would not read,
// and a forgotten explanation not tell.
var samples = map[column]struct{ driver, before, after, told string }{
	colTag:           {"modbus", "tag=t", "tag=u", ""}, // told as renamed
	colAddress:       {"modbus", "", "address=40009", "moved"},
	colElement:       {"opcua", "address=ns=2;s=a", "element=[3]", "moved"},
	colExpr:          {"opcua", "address=ns=2;s=a", "address= expr=1+1", "moved"},
	colValidIf:       {"modbus", "", "valid_if=2>1", "valid_if"},
	colAggregate:     {"derived", "address= expr=a window=1h aggregate=average", "aggregate=sum", "aggregate"},
	colWindow:        {"derived", "address= expr=a window=1h aggregate=average", "window=day", "window"},
	colStamp:         {"derived", "address= expr=a window=1h aggregate=average", "stamp=start", "stamp"},
	colTotal:         {"derived", "address= expr=a total=counter", "total=time", "total"},
	colType:          {"modbus", "", "type=int16", "type"},
	colOrder:         {"modbus", "type=float32", "order=CDAB", "order"},
	colPoll:          {"modbus", "", "poll=7s", "poll"},
	colScale:         {"modbus", "", "scale=0.1", "rescaled"},
	colOffset:        {"modbus", "", "offset=-40", "rescaled"},
	colScaleBy:       {"modbus", "", "scale_by=40002", "scale_by"},
	colRawMin:        {"modbus", "raw_min=0 raw_max=100 eng_min=0 eng_max=10", "raw_min=1", "rescaled"},
	colRawMax:        {"modbus", "raw_min=0 raw_max=100 eng_min=0 eng_max=10", "raw_max=101", "rescaled"},
	colEngMin:        {"modbus", "raw_min=0 raw_max=100 eng_min=0 eng_max=10", "eng_min=1", "rescaled"},
	colEngMax:        {"modbus", "raw_min=0 raw_max=100 eng_min=0 eng_max=10", "eng_max=11", "rescaled"},
	colClamp:         {"modbus", "raw_min=0 raw_max=100 eng_min=0 eng_max=10", "clamp=both", "clamp"},
	colMin:           {"modbus", "", "min=1", "min"},
	colMax:           {"modbus", "", "max=1", "max"},
	colInvalid:       {"modbus", "", "invalid=0x8000", "invalid"},
	colEnum:          {"modbus", "", "enum=0=off|1=on", "enum"},
	colUnit:          {"modbus", "", "unit=bar", "unit"},
	colReport:        {"modbus", "", "report=change", "report"},
	colDeadband:      {"modbus", "report=change", "deadband=0.5", "deadband"},
	colHeartbeat:     {"modbus", "report=change", "heartbeat=1h", "heartbeat"},
	colLoLo:          {"modbus", "lo=20", "lolo=10", "lolo"},
	colLo:            {"modbus", "hi=80", "lo=20", "lo"},
	colHi:            {"modbus", "lo=20", "hi=80", "hi"},
	colHiHi:          {"modbus", "hi=80", "hihi=90", "hihi"},
	colAlarm:         {"modbus", "type=bool", "alarm=true", "alarm"},
	colAlarmDeadband: {"modbus", "hi=80", "alarm_deadband=2", "alarm_deadband"},
	colOnDelay:       {"modbus", "hi=80", "on_delay=10s", "on_delay"},
	colOffDelay:      {"modbus", "hi=80", "off_delay=10s", "off_delay"},
	colPriority:      {"modbus", "hi=80", "priority=1", "priority"},
	colAlarmText:     {"modbus", "hi=80", "alarm_text=hot", "alarm_text"},
	colEnabled:       {"modbus", "", "enabled=false", ""}, // told as removed
	colDescription:   {"modbus", "", "description=pump", "description"},
	colLabel:         {"modbus", "", "label.area=north", "labels"},
}

// TestEveryColumnIsReadAndTold fails for a column that was added to the names and to nothing else.
func TestEveryColumnIsReadAndTold(t *testing.T) {
	for c := range numColumns {
		if _, ok := samples[c]; !ok {
			t.Errorf("column %s has no sample here", c)
		}
	}
	for c, s := range samples {
		before, after := sampleTag(t, s.driver, s.before), sampleTag(t, s.driver, s.before+" "+s.after)
		told := strings.Join(tagChanges(before, after), "; ")
		if c != colTag && c != colEnabled && !strings.HasPrefix(told, s.told+" ") {
			t.Errorf("%s: told %q, want %s", s.after, told, s.told)
		}
		if bad := badCells[c.form()]; bad != "" {
			if _, err := Tag(Defaults{Driver: s.driver}, cellsOf(s.before+" "+c.String()+"="+bad)); err == nil {
				t.Errorf("column %s takes %q", c, bad)
			}
		}
	}
}

// badCells are what a column of that form never takes.
var badCells = map[form]string{formNumber: "x", formPoint: "\x01", formList: "|", formPairs: "|"}

func sampleTag(t *testing.T, driver, cells string) *mapping.Tag {
	t.Helper()
	tag, err := Tag(Defaults{Driver: driver}, cellsOf(cells))
	if err != nil {
		t.Fatalf("%s: %v", cells, err)
	}
	return tag
}

func cellsOf(text string) map[string]string {
	cells := map[string]string{"tag": "t", "address": "40001"}
	for cell := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(cell, "=")
		cells[name] = value
	}
	return cells
}
