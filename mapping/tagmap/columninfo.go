package tagmap

import (
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/window"
)

// ColumnInfo is what may stand in a column, for who offers it to people.
type ColumnInfo struct {
	Number bool     // numbers alone
	Words  []string // one of these; nil: any text
	Open   bool     // or others like these
}

// InfoOf is what may stand in the column of that name; of one that is not known, anything.
func InfoOf(name string) ColumnInfo {
	c, known := columnsByName[name]
	if !known {
		return ColumnInfo{}
	}
	switch c {
	case colType:
		return ColumnInfo{Words: usualTypes(), Open: true}
	case colOrder:
		return ColumnInfo{Words: []string{"ABCD", "CDAB", "BADC", "DCBA"}}
	case colClamp:
		return ColumnInfo{Words: clampNames}
	case colAggregate:
		return ColumnInfo{Words: window.Names()}
	case colWindow:
		return ColumnInfo{Words: []string{"1m", "15m", "1h", "day", "month"}, Open: true}
	case colStamp:
		return ColumnInfo{Words: stampNames}
	case colTotal:
		return ColumnInfo{Words: mapping.TotalNames[1:]}
	case colReport:
		return ColumnInfo{Words: reportNames[:]}
	case colEnabled:
		return ColumnInfo{Words: []string{"true", "false"}}
	case colAlarm:
		return ColumnInfo{Words: alarmWords}
	case colPriority:
		return ColumnInfo{Words: priorities}
	case colDeadband, colAlarmDeadband: // which may be a percentage
		return ColumnInfo{}
	}
	return ColumnInfo{Number: c.form() == formNumber}
}

// usualTypes are those that need no length, and a text.
func usualTypes() []string {
	list := slices.DeleteFunc(slices.Clone(mapping.TypeNames()), func(name string) bool {
		_, _, err := mapping.ParseType(name)
		return err != nil
	})
	return append(list, "string:16")
}
