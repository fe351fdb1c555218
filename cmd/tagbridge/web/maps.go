package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
)

// maps answers GET /api/v1/maps.
func (p *pages) maps(w http.ResponseWriter, _ *http.Request) {
	list, err := p.editor.Maps()
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, list)
}

// mapText answers GET /api/v1/maps/FILE: the text in UTF-8, whatever the file is in.
func (p *pages) mapText(w http.ResponseWriter, r *http.Request) {
	query, err := parse(r.URL.RawQuery, "as")
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	if query.Has("as") {
		p.mapAs(w, r.PathValue("file"), query.Get("as"))
		return
	}
	text, encoding, etag, err := p.editor.Text(r.PathValue("file"))
	if err != nil {
		refuseEdit(w, err)
		return
	}
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("X-Encoding", string(encoding))
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if slices.Contains(r.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	io.WriteString(w, text)
}

// refusedJSON is what is answered in place of what has problems.
type refusedJSON struct {
	Error    string            `json:"error"`
	Problems []edit.Problem    `json:"problems"`
	ETags    map[string]string `json:"etags"`
}

// refuseEdit answers what an editor did not do.
func refuseEdit(w http.ResponseWriter, err error) {
	var unknown *edit.Unknown
	var conflict *edit.Conflict
	var refused *edit.Refused
	var unwritable *edit.Unwritable
	switch {
	case errors.As(err, &unknown):
		refuse(w, http.StatusNotFound, "%v", err)
	case errors.As(err, &conflict):
		reply(w, http.StatusConflict, refusedJSON{err.Error(), []edit.Problem{}, conflict.ETags})
	case errors.As(err, &refused):
		reply(w, http.StatusUnprocessableEntity, refusedJSON{err.Error(), refused.Finding.Problems, map[string]string{}})
	case errors.As(err, &unwritable), errors.Is(err, edit.ErrGuarded):
		refuse(w, http.StatusForbidden, "%v", err)
	case errors.Is(err, edit.ErrRequest):
		refuse(w, http.StatusBadRequest, "%v", err)
	case errors.Is(err, bridge.ErrNoReload):
		refuse(w, http.StatusNotImplemented, "%v", err)
	case errors.Is(err, bridge.ErrStopped):
		refuse(w, http.StatusServiceUnavailable, "%v", err)
	case errors.Is(err, context.Canceled):
		refuse(w, http.StatusTooManyRequests, "a later draft of the same page has taken the place of this one")
	default:
		refuse(w, http.StatusInternalServerError, "%v", err)
	}
}

// draftJSON is what /api/v1/draft takes.
type draftJSON struct {
	edit.Draft
	// Page tells several pages of one user apart: a draft of one takes the place of its last, and of no other page's.
	Page string `json:"page"`
}

// draft answers POST /api/v1/draft.
func (p *pages) draft(w http.ResponseWriter, r *http.Request) {
	var d draftJSON
	if !take(w, r, &d) {
		return
	}
	ctx, end, ok := p.drafts.begin(r.Context(), visitorOf(r).name+"\x00"+d.Page)
	if !ok {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "%d drafts are being checked already: ask again when one of them is done", maxDrafts)
		return
	}
	defer end()
	found, err := p.editor.Check(ctx, &d.Draft)
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, found)
}

// maxDrafts is how many drafts are checked or wait for that at a time.
const maxDrafts = 16

// drafts are those that are being checked: one after another, and of each page only the last.
type drafts struct {
	turn chan struct{}
	mu   sync.Mutex
	last map[string]*context.CancelFunc // by who draws
}

func newDrafts() *drafts {
	return &drafts{turn: make(chan struct{}, 1), last: map[string]*context.CancelFunc{}}
}

// begin waits for the turn of a draft of who; the context ends when a later one comes. end is to be called. ok is false when
// there are too many.
func (d *drafts) begin(ctx context.Context, who string) (_ context.Context, end func(), ok bool) {
	ctx, cancel := context.WithCancel(ctx)
	d.mu.Lock()
	if before := d.last[who]; before != nil {
		(*before)()
	} else if len(d.last) >= maxDrafts {
		d.mu.Unlock()
		cancel()
		return nil, nil, false
	}
	d.last[who] = &cancel
	d.mu.Unlock()
	mine := false
	select {
	case d.turn <- struct{}{}:
		mine = true
	case <-ctx.Done():
	}
	return ctx, func() {
		cancel()
		if mine {
			<-d.turn
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.last[who] == &cancel {
			delete(d.last, who)
		}
	}, true
}
