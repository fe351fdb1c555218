package web

import (
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
)

// readyJSON is what /readyz says: whether the bridge polls, and what is not well.
type readyJSON struct {
	Ready   bool              `json:"ready"`
	Devices map[string]string `json:"devices_offline"` // why, by name
	BadTags map[string]int    `json:"bad_tags"`        // how many, by device
	Sinks   map[string]string `json:"sinks_not_taking"`
	Aside   map[string]int    `json:"set_aside"` // series that a sink refuses and that are set aside, by sink
	Journal string            `json:"journal"`   // why it cannot be written; "" when it can
	// JournalSince is when that began, also before the bridge did; null: it is well.
	JournalSince *string `json:"journal_since"`
	// Configuration is what is wrong with the one on disk; the one before it runs.
	Configuration []string `json:"configuration_problems"`
	RefusedSince  *string  `json:"refused_since"` // when the one on disk was first refused, also before the bridge began
	LastGood      bool     `json:"last_good"`     // it was refused at the start already
}

// ready answers 200 once polling has begun, whatever the devices and sinks do: a bridge whose plant is down is ready.
func (p *pages) ready(w http.ResponseWriter, _ *http.Request) {
	reloads, journal := p.bridge.Reloads(), p.bridge.Journal()
	answer := readyJSON{
		Ready:   p.bridge.Polling(),
		Devices: map[string]string{},
		BadTags: map[string]int{},
		Sinks:   map[string]string{},
		Aside:   map[string]int{},
		Journal: notKept(journal), JournalSince: stampOrNull(journal.Since),

		Configuration: append([]string{}, reloads.Problems...),
		RefusedSince:  stampOrNull(reloads.RefusedSince),
		LastGood:      reloads.LastGood,
	}
	for _, d := range p.bridge.Devices() {
		answer.device(&d)
	}
	for _, s := range p.bridge.Sinks() {
		answer.sink(&s)
	}
	status := http.StatusOK
	if !answer.Ready {
		status = http.StatusServiceUnavailable
	}
	reply(w, status, answer)
}

// device says what is not well with d.
func (r *readyJSON) device(d *drivers.DeviceState) {
	if d.State != drivers.Online && d.State != drivers.Connecting && d.State != drivers.Elsewhere {
		r.Devices[d.Name] = d.Error
	}
	if d.BadTags > 0 {
		r.BadTags[d.Name] = d.BadTags
	}
}

// sink says what is not well with s.
func (r *readyJSON) sink(s *bridge.SinkState) {
	if s.Error != "" {
		r.Sinks[s.Sink] = s.Error
	}
	if s.SetAside > 0 {
		r.Aside[s.Sink] = s.SetAside
	}
}

// notKept is why samples are not on disk; "" when they are.
func notKept(j bridge.JournalState) string {
	switch {
	case j.Diskless != "":
		return "cannot be opened, samples are in memory only and lost at a restart: " + j.Diskless
	case j.Failing != nil:
		return "cannot be written, samples stay in memory: " + j.Failing.Error()
	}
	return ""
}
