package web

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"tagbridge/cmd/tagbridge/events"
)

// events answers GET /api/v1/events.
func (p *pages) events(w http.ResponseWriter, r *http.Request) {
	query, q := r.URL.Query(), events.Query{}
	var err error
	if q.Devices, err = devicesOf(query, p.bridge.Config()); err == nil {
		q.Since, q.Until, err = spanOf(query, time.Now())
	}
	last := 0
	if err == nil {
		last, err = lastOf(query)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	if last > 0 {
		list, err := p.newest.of(p.bridge.Config().Bridge.DataDir, q, last)
		if err != nil {
			p.log.Warn("events cannot be read", "err", err)
		}
		reply(w, http.StatusOK, list)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	p.turns.list(w, r, func(w *turnWriter) {
		out := json.NewEncoder(w)
		separator := "["
		err := p.bridge.Events(r.Context(), q, func(e *events.Event) bool {
			io.WriteString(w, separator)
			separator = ","
			out.Encode(e)
			return w.alive()
		})
		if err != nil {
			p.log.Warn("events cannot be read", "err", err)
		}
		if separator == "[" {
			io.WriteString(w, separator)
		}
		io.WriteString(w, "]\n")
	})
}
