package web

import (
	"net/http"

	"tagbridge/drivers"
)

// readyJSON is what /readyz says: whether the bridge polls, and what is not well.
type readyJSON struct {
	Ready   bool              `json:"ready"`
	Devices map[string]string `json:"devices_offline"` // why, by name
	BadTags map[string]int    `json:"bad_tags"`        // how many, by device
	Sinks   map[string]string `json:"sinks_not_taking"`
	Journal string            `json:"journal"` // why it cannot be written; "" when it can
	// Configuration is what is wrong with the one on disk; the one before it runs.
	Configuration []string `json:"configuration_problems"`
	LastGood      bool     `json:"last_good"` // it was refused at the start already
}

// ready answers 200 once polling has begun, whatever the devices and sinks do: a bridge whose plant is down is ready.
func (p *pages) ready(w http.ResponseWriter, _ *http.Request) {
	reloads := p.bridge.Reloads()
	answer := readyJSON{
		Ready:   p.bridge.Polling(),
		Devices: map[string]string{},
		BadTags: map[string]int{},
		Sinks:   map[string]string{},

		Configuration: append([]string{}, reloads.Problems...),
		LastGood:      reloads.LastGood,
	}
	for _, d := range p.bridge.Devices() {
		if d.State != drivers.Online && d.State != drivers.Connecting {
			answer.Devices[d.Name] = d.Error
		}
		if d.BadTags > 0 {
			answer.BadTags[d.Name] = d.BadTags
		}
	}
	for _, state := range p.bridge.Sinks() {
		if state.Error != "" {
			answer.Sinks[state.Sink] = state.Error
		}
	}
	if j := p.bridge.Journal(); j.Diskless != "" {
		answer.Journal = "cannot be opened, samples are in memory only and lost at a restart: " + j.Diskless
	} else if j.Failing != nil {
		answer.Journal = "cannot be written, samples stay in memory: " + j.Failing.Error()
	}
	status := http.StatusOK
	if !answer.Ready {
		status = http.StatusServiceUnavailable
	}
	reply(w, status, answer)
}
