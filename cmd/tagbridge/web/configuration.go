package web

import (
	"net/http"
)

// configurationJSON is what /api/v1/configuration says: what runs since when, and why it is not what is on disk.
type configurationJSON struct {
	File     string   `json:"file"`
	Applied  uint64   `json:"reloads_applied"`
	Refused  uint64   `json:"reloads_refused"`
	Since    *string  `json:"since"`
	Problems []string `json:"problems"` // of the last reload
	// LastGood says that the file had problems when the bridge was started: what was applied before runs.
	LastGood bool `json:"last_good"`
}

// configuration answers GET /api/v1/configuration.
func (p *pages) configuration(w http.ResponseWriter, _ *http.Request) {
	s := p.bridge.Reloads()
	reply(w, http.StatusOK, configurationJSON{
		File:     p.bridge.Config().File,
		Applied:  s.Applied,
		Refused:  s.Refused,
		Since:    stampOrNull(s.Since),
		Problems: append([]string{}, s.Problems...),
		LastGood: s.LastGood,
	})
}
