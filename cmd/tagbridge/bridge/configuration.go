package bridge

import "net/http"

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
func (s *server) configuration(w http.ResponseWriter, _ *http.Request) {
	answer := s.bridge.reloads.state()
	answer.File = s.bridge.now.Load().cfg.File
	if answer.Since == nil {
		answer.Since = stampOrNull(s.bridge.started)
	}
	reply(w, http.StatusOK, answer)
}

// state is what became of the reloads so far.
func (r *reloads) state() configurationJSON {
	r.mu.Lock()
	defer r.mu.Unlock()
	problems := append([]string{}, r.problems...)
	return configurationJSON{Applied: r.applied, Refused: r.refused, Since: stampOrNull(r.at), Problems: problems, LastGood: r.lastGood}
}

// failing reports that the last reload was refused.
func (r *reloads) failing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.problems) > 0
}
