package trend

import (
	"encoding/json"
	"time"

	"tagbridge/mapping"
)

// Line is what there is of one tag.
type Line struct {
	Tag  string
	Unit string
	Enum []mapping.EnumText
	// Since and Until are the time that is answered for.
	Since, Until time.Time
	Step         time.Duration // how long the stretches of time are of which each point is one; 0: each is a sample
	Gaps         []Gap
	points       []point
}

// Gap is a time from which there is nothing to be shown.
type Gap struct {
	Since  *time.Time `json:"since"` // the last before it; null: as far back as one can ask
	Until  *time.Time `json:"until"` // the first after it; null: it goes on
	Reason string     `json:"reason"`
}

// Len is how many points l has.
func (l *Line) Len() int { return len(l.points) }

// AppendJSON appends l.
func (l *Line) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"tag":`...)
	dst = mapping.AppendJSONText(dst, l.Tag)
	dst = append(dst, `,"unit":`...)
	dst = mapping.AppendJSONText(dst, l.Unit)
	if len(l.Enum) > 0 {
		dst = append(dst, `,"enum":[`...)
		for i, e := range l.Enum {
			if i > 0 {
				dst = append(dst, ',')
			}
			b, _ := json.Marshal(struct {
				Value int64  `json:"value"`
				Text  string `json:"text"`
			}{e.Value, e.Text})
			dst = append(dst, b...)
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"since":`...)
	dst = appendStamp(dst, l.Since)
	dst = append(dst, `,"until":`...)
	dst = appendStamp(dst, l.Until)
	dst = append(dst, `,"step_seconds":`...)
	b, _ := json.Marshal(l.Step.Seconds())
	dst = append(append(dst, b...), `,"points":[`...)
	for i := range l.points {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = l.points[i].append(dst)
	}
	dst = append(dst, `],"gaps":`...)
	gaps, _ := json.Marshal(append([]Gap{}, l.Gaps...))
	return append(append(dst, gaps...), '}')
}

// appendStamp appends t, or null.
func appendStamp(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	return append(t.UTC().AppendFormat(dst, stampFormat), '"')
}
