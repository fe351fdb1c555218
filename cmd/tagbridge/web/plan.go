package web

import (
	"encoding/json"
	"net/http"

	"tagbridge/cmd/tagbridge/plan"
)

// plan answers GET /api/v1/plan: what is asked on each connection by the configuration that runs.
func (p *pages) plan(w http.ResponseWriter, r *http.Request) {
	p.turns.list(w, r, func(out *turnWriter) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(out).Encode(plan.Of(p.bridge.Config()))
	})
}
