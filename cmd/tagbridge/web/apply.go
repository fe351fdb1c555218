package web

import (
	"net/http"
	"time"

	"tagbridge/cmd/tagbridge/edit"
)

// applyTime is how long a change may take to be running, the answer included: large plants take a while.
const applyTime = 5 * time.Minute

// apply answers POST /api/v1/apply.
func (p *pages) apply(w http.ResponseWriter, r *http.Request) {
	var c edit.Change
	if !take(w, r, &c) {
		return
	}
	c.By = visitorOf(r).name
	patient(w)
	done, err := p.editor.Apply(r.Context(), &c)
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, done)
}

// patient gives an answer the time that a reload may take.
func patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(applyTime)) // what is no connection has none
}

// applied answers GET /api/v1/applied.
func (p *pages) applied(w http.ResponseWriter, _ *http.Request) {
	list, err := p.editor.History()
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, list)
}

// rollback answers POST /api/v1/rollback.
func (p *pages) rollback(w http.ResponseWriter, r *http.Request) {
	var b edit.Back
	if !take(w, r, &b) {
		return
	}
	b.By = visitorOf(r).name
	patient(w)
	if b.Try {
		found, err := p.editor.TryRollback(r.Context(), &b)
		if err != nil {
			refuseEdit(w, err)
			return
		}
		reply(w, http.StatusOK, found)
		return
	}
	done, err := p.editor.Rollback(r.Context(), &b)
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, done)
}

// problems answers GET /api/v1/problems.
func (p *pages) problems(w http.ResponseWriter, _ *http.Request) {
	found, err := p.editor.Problems()
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, found)
}
