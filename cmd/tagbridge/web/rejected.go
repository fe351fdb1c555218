package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// mostRejected is how many samples are answered of those that a sink refused.
const mostRejected = 500

// rejected answers GET /api/v1/rejected.
func (p *pages) rejected(w http.ResponseWriter, r *http.Request) {
	names, err := sinksOf(r.URL.Query(), p.bridge.Config())
	if names = slices.Compact(names); err == nil && len(names) != 1 {
		err = fmt.Errorf("sink: name one")
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	p.turns.list(w, r, func(out *turnWriter) {
		list, err := p.bridge.Rejected(names[0], mostRejected)
		if err != nil {
			p.log.Warn("rejected samples cannot be read", "sink", names[0], "err", err)
		}
		w.Header().Set("Content-Type", "application/json")
		if list == nil {
			fmt.Fprintln(out, "[]")
			return
		}
		json.NewEncoder(out).Encode(list)
	})
}
