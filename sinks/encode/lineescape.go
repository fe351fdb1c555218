package encode

import (
	"strings"

	"tagbridge/mapping"
)

// The escapes of line protocol (InfluxDB's reference, "special characters"). What it has no way to write is written
// as InfluxData's own encoders do: control characters as a backslash and a letter. A backslash at the end of a name or
// before a comma, an equals sign or a blank would be taken for an escape (of field keys by InfluxDB 1.8 and 2 even when
// it is doubled): it is left out.
var (
	lineMeasurement = strings.NewReplacer("\t", `\t`, "\n", `\n`, "\f", `\f`, "\r", `\r`, ",", `\,`, " ", `\ `)
	lineName        = strings.NewReplacer("\t", `\t`, "\n", `\n`, "\f", `\f`, "\r", `\r`, ",", `\,`, " ", `\ `, "=", `\=`)
)

// appendMeasurement appends the name of a measurement. A leading #, which would make the line a comment, is escaped:
// InfluxDB keeps the backslash in the name, which is better than dropping the line.
func appendMeasurement(dst []byte, name string) []byte {
	if strings.HasPrefix(name, "#") {
		dst = append(dst, '\\')
	}
	return append(dst, lineMeasurement.Replace(dropBackslashes(name))...)
}

// appendName appends a key of a tag or a field, or a value of a tag.
func appendName(dst []byte, name string) []byte {
	return append(dst, lineName.Replace(dropBackslashes(name))...)
}

// dropBackslashes leaves out the backslashes of name that would be taken for escapes.
func dropBackslashes(name string) string {
	if !strings.Contains(name, `\`) {
		return name
	}
	kept := make([]byte, 0, len(name))
	for i := range len(name) {
		rest := strings.TrimLeft(name[i:], `\`)
		if name[i] == '\\' && (rest == "" || strings.IndexByte(",= ", rest[0]) >= 0) {
			continue
		}
		kept = append(kept, name[i])
	}
	return string(kept)
}

// appendTag appends a tag with a comma before it; empty values do not exist in line protocol.
func appendTag(dst []byte, l mapping.Label) []byte {
	if dropBackslashes(l.Value) == "" || dropBackslashes(l.Name) == "" {
		return dst
	}
	dst = append(dst, ',')
	dst = appendName(dst, l.Name)
	dst = append(dst, '=')
	return appendName(dst, l.Value)
}

// appendLineString appends text as the value of a string field. Line feeds are allowed there as they are.
func appendLineString[T string | []byte](dst []byte, text T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			dst = append(dst, text[from:i]...)
			dst = append(dst, '\\')
			from = i
		}
	}
	dst = append(dst, text[from:]...)
	return append(dst, '"')
}
