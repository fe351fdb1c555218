package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sessionJSON is what /api/v1/session says: who asks, what he may do, and of what.
type sessionJSON struct {
	User    string `json:"user"`
	Edit    bool   `json:"edit"`
	Why     string `json:"why"`
	Bridge  string `json:"bridge"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Started string `json:"started"`
	Time    string `json:"time"`
	Zone    string `json:"zone"`
	Offset  int    `json:"offset_seconds"`
}

// session answers GET /api/v1/session.
func (p *pages) session(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	why := p.mayNotEdit(r)
	s := sessionJSON{
		User: visitorOf(r).name, Edit: why == "", Why: why, Bridge: p.bridge.Config().Bridge.Name,
		Started: p.bridge.Started().UTC().Format(time.RFC3339Nano), Time: now.UTC().Format(time.RFC3339Nano), Zone: zone(now),
	}
	s.Version, s.Commit = p.bridge.Version()
	_, s.Offset = now.Zone()
	w.Header().Set("Cache-Control", "no-store")
	reply(w, http.StatusOK, s)
}

// zone is the name of this machine's time zone, as browsers know it where that can be told.
func zone(now time.Time) string {
	if name := os.Getenv("TZ"); strings.Contains(name, "/") {
		return strings.TrimPrefix(name, ":")
	}
	if path, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(path, "/zoneinfo/"); ok {
			return name
		}
	}
	name, _ := now.Zone()
	return name
}
