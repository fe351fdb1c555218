package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/source"
)

// alarmJSON is an element of /api/v1/alarms: one that is active.
type alarmJSON struct {
	Device   string          `json:"device"`
	Tag      string          `json:"tag"` // whose alarm it is
	Level    string          `json:"level"`
	Since    string          `json:"since"`   // when it was raised
	Changed  string          `json:"changed"` // when its level became what it is
	Value    json.RawMessage `json:"value"`   // of the tag, now
	Limit    json.RawMessage `json:"limit"`   // null of a bool
	Unit     string          `json:"unit"`
	Quality  string          `json:"quality"` // of the tag: bad, and the alarm is as it was before
	Priority int             `json:"priority"`
	Text     string          `json:"text"`
	Row      string          `json:"row"`
}

var priorityNames = []string{"1", "2", "3", "4"}

// alarms answers GET /api/v1/alarms.
func (p *pages) alarms(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	f, err := filterOf(query, p.bridge.Config())
	var priorities []string
	if err == nil {
		priorities, err = prioritiesOf(query)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	list := p.bridge.Alarms()
	list = slices.DeleteFunc(list, func(s bridge.AlarmState) bool {
		return !f.takesName(s.Device, s.Tag) || len(priorities) > 0 && !slices.Contains(priorities, fmt.Sprint(s.Priority))
	})
	reply(w, http.StatusOK, alarmList(list))
}

// prioritiesOf reads the parameter priority; none: all.
func prioritiesOf(query url.Values) ([]string, error) {
	for _, one := range query["priority"] {
		if !slices.Contains(priorityNames, one) {
			return nil, fmt.Errorf("priority %.40q: one of %s%s", one, strings.Join(priorityNames, ", "), source.DidYouMean(one, priorityNames))
		}
	}
	return query["priority"], nil
}

func alarmList(states []bridge.AlarmState) []alarmJSON {
	list := make([]alarmJSON, 0, len(states))
	for i := range states {
		s := &states[i]
		j := alarmJSON{
			Device: s.Device, Tag: s.Tag, Level: s.Name, Since: s.Since.UTC().Format(time.RFC3339Nano), Changed: s.Changed.UTC().Format(time.RFC3339Nano),
			Value: s.Value, Limit: json.RawMessage("null"), Unit: s.Unit, Quality: s.Quality.String(), Priority: s.Priority, Text: s.Text,
		}
		if s.Limit != nil {
			j.Limit = json.RawMessage(s.Limit.String())
		}
		if s.Row != nil {
			j.Row = placeOf(s.Row)
		}
		list = append(list, j)
	}
	return list
}
