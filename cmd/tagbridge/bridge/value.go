package bridge

import (
	"bytes"
	"encoding/json"

	"tagbridge/mapping"
)

// Value is the value of s as JSON; text is that of a sample of kind Text.
func Value(s *mapping.Sample, series *mapping.Series, text []byte) json.RawMessage {
	switch s.Kind {
	case mapping.None:
		return json.RawMessage("null")
	case mapping.Bool:
		if s.Bits != 0 {
			return json.RawMessage("true")
		}
		return json.RawMessage("false")
	case mapping.Text:
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)     // people read it, on a terminal too
		_ = enc.Encode(string(text)) // a text always can be
		return bytes.TrimSpace(b.Bytes())
	}
	return mapping.AppendJSONNumber(nil, s, series.Exp)
}
