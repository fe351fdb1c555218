package web

import (
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
)

// configurationJSON is what /api/v1/configuration says: what runs since when, and why it is not what is on disk.
type configurationJSON struct {
	File     string   `json:"file"`
	Applied  uint64   `json:"reloads_applied"`
	Refused  uint64   `json:"reloads_refused"`
	Since    *string  `json:"since"`
	Problems []string `json:"problems"` // of the last reload
	// RefusedSince is when what is on disk was first refused, also before the bridge began; null: it is what runs.
	RefusedSince *string `json:"refused_since"`
	// LastGood says that the file had problems when the bridge was started: what was applied before runs.
	LastGood bool `json:"last_good"`
}

// configuration answers GET /api/v1/configuration.
func (p *pages) configuration(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, configurationOf(p.bridge.Config().File, p.bridge.Reloads()))
}

func configurationOf(file string, s bridge.ReloadState) configurationJSON {
	return configurationJSON{
		File:     file,
		Applied:  s.Applied,
		Refused:  s.Refused,
		Since:    stampOrNull(s.Since),
		Problems: append([]string{}, s.Problems...),
		LastGood: s.LastGood,

		RefusedSince: stampOrNull(s.RefusedSince),
	}
}
