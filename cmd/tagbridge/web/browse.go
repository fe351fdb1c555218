package web

import (
	"context"
	"errors"
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
)

// What one request may browse.
const (
	mostBrowsed    = 100     // children that are answered at a time
	lastBrowsed    = 100_000 // child that is looked for
	maxBrowseDepth = 32
	maxBrowseText  = 4 << 10 // bytes of the root, and of each name above it
)

// browseJSON is what /api/v1/browse takes.
type browseJSON struct {
	Device string   `json:"device"`
	Root   string   `json:"root"`
	Path   []string `json:"path"`
	First  int      `json:"first"`
}

// browsedJSON is what it answers.
type browsedJSON struct {
	Device string            `json:"device"`
	Root   string            `json:"root"`
	Path   []string          `json:"path"`
	Nodes  []browsedNodeJSON `json:"nodes"`
	Next   *int              `json:"next"`
}

// browsedNodeJSON is an element of nodes.
type browsedNodeJSON struct {
	Name        string          `json:"name"`
	Address     string          `json:"address"`
	Class       string          `json:"class"`
	Type        string          `json:"type"`
	Array       *int            `json:"array"`
	Value       string          `json:"value"`
	Quality     string          `json:"quality"`
	Unit        string          `json:"unit"`
	Description string          `json:"description"`
	Rows        []bridge.TagRow `json:"rows"`
	Why         string          `json:"why"`
}

// browse answers POST /api/v1/browse.
func (p *pages) browse(w http.ResponseWriter, r *http.Request) {
	var q browseJSON
	device := p.takeOfDevice(w, r, &q, &q.Device)
	if device == nil || !q.isBounded(w) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readNowTime)
	defer cancel()
	found, err := p.bridge.Browse(ctx, device, &bridge.BrowseQuestion{Root: q.Root, Path: q.Path, First: q.First, Most: mostBrowsed})
	switch {
	case errors.Is(err, bridge.ErrNoTree), errors.Is(err, bridge.ErrRoot):
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	case err != nil:
		refuseQuestion(w, err)
		return
	}
	reply(w, http.StatusOK, q.answer(found))
}

// isBounded answers when a question is too long.
func (q *browseJSON) isBounded(w http.ResponseWriter) bool {
	long := len(q.Root) > maxBrowseText
	for _, name := range q.Path {
		long = long || len(name) > maxBrowseText
	}
	switch {
	case long:
		refuse(w, http.StatusBadRequest, "root and each name of path: at most %d bytes", maxBrowseText)
	case len(q.Path) > maxBrowseDepth:
		refuse(w, http.StatusBadRequest, "path: at most %d names, not %d", maxBrowseDepth, len(q.Path))
	case q.First < 0 || q.First > lastBrowsed:
		refuse(w, http.StatusBadRequest, "first: from 0 to %d, not %d", lastBrowsed, q.First)
	default:
		return true
	}
	return false
}

func (q *browseJSON) answer(found *bridge.Browsed) *browsedJSON {
	a := &browsedJSON{Device: q.Device, Root: found.Root, Path: append([]string{}, q.Path...), Nodes: []browsedNodeJSON{}}
	for _, n := range found.Nodes {
		j := browsedNodeJSON{
			Name: n.Name, Address: n.Address, Class: "object", Type: n.Type, Value: n.Value, Quality: n.Quality,
			Unit: n.Unit, Description: n.Description, Rows: n.Rows, Why: n.Why,
		}
		if n.Variable {
			j.Class = "variable"
		}
		if n.Array >= 0 {
			j.Array = &n.Array
		}
		a.Nodes = append(a.Nodes, j)
	}
	if next := q.First + len(found.Nodes); found.More && next <= lastBrowsed {
		a.Next = &next
	}
	return a
}
