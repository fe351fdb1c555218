package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// What one request may have read, and how long that may take.
const (
	maxReadRows = 200
	readNowTime = 45 * time.Second
)

// readJSON is what /api/v1/read takes.
type readJSON struct {
	Device string              `json:"device"`
	Rows   []map[string]string `json:"rows"`
}

// readNowJSON is an element of what it answers, for each row.
type readNowJSON struct {
	Value   json.RawMessage `json:"value"`
	Quality string          `json:"quality"`
	Raw     string          `json:"raw"`
	Error   string          `json:"error"`
}

// readNow answers POST /api/v1/read.
func (p *pages) readNow(w http.ResponseWriter, r *http.Request) {
	var q readJSON
	device := p.takeOfDevice(w, r, &q, &q.Device)
	if device == nil {
		return
	}
	if len(q.Rows) == 0 || len(q.Rows) > maxReadRows {
		refuse(w, http.StatusBadRequest, "rows: 1 to %d, not %d", maxReadRows, len(q.Rows))
		return
	}
	answers := make([]readNowJSON, len(q.Rows))
	tags := tagsToRead(device, q.Rows, answers)
	ctx, cancel := context.WithTimeout(r.Context(), readNowTime)
	defer cancel()
	var err error
	if len(tags) > 0 {
		err = p.bridge.Ask(ctx, device, tags, func(r *bridge.Reading) {
			for _, v := range r.Values() {
				if i, err := strconv.Atoi(v.Tag); err == nil && v.Quality != "" {
					answers[i] = readNowJSON{v.Value, v.Quality, v.Raw, v.Error}
				}
			}
		})
	}
	if err != nil {
		refuseQuestion(w, err)
		return
	}
	reply(w, http.StatusOK, answers)
}

// tagsToRead are the tags of rows, each named by the number of its row; what is wrong with a row is its answer.
func tagsToRead(d *config.Device, rows []map[string]string, answers []readNowJSON) (tags []*mapping.Tag) {
	for i, cells := range rows {
		cells["tag"] = "t" // any that is a name
		delete(cells, "poll")
		delete(cells, "enabled")
		t, err := tagmap.Tag(d.Defaults(), cells)
		if err != nil {
			answers[i] = readNowJSON{Value: json.RawMessage("null"), Error: err.Error()}
			continue
		}
		if t.IsComputed() {
			answers[i] = readNowJSON{Value: json.RawMessage("null"), Error: "it is computed, from what is read once the map is applied"}
			continue
		}
		answers[i] = readNowJSON{Value: json.RawMessage("null"), Error: "it was not read in time"}
		t.Name = strconv.Itoa(i)
		tags = append(tags, t)
	}
	return tags
}

// refuseQuestion answers what a device was not asked.
func refuseQuestion(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, drivers.ErrAsked):
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "%v", err)
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusGatewayTimeout, "the connection had no time for it within %v", readNowTime)
	default:
		refuse(w, http.StatusBadGateway, "%v", err)
	}
}
