// Package health says in words whether a bridge is well, and what is not: for tagbridge status, the API and the page, which
// all show what is said here. It judges snapshots, and asks nobody.
package health

import (
	"fmt"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
)

// What is well: every device is online, none of its tags is bad, every connection has time for its polls, every sink takes
// what is read, and the configuration on disk is the one that runs.
const (
	wellBehind = time.Minute // a sink that is this far behind is not well, though it takes what it is sent
	mostOnes   = 10          // devices and problems of the configuration that are named one by one
)

// State is what is judged: snapshots of a bridge.
type State struct {
	Ready         bool     // it reads
	Journal       string   // why samples are not on disk; "" when they are
	Configuration []string // what is wrong with the one on disk
	LastGood      bool     // it was refused at the start already
	Devices       []drivers.DeviceState
	Connections   []bridge.LineState
	Sinks         []bridge.SinkState
	Alarms        []bridge.AlarmCount
	Share         *bridge.ShareState // nil: there is no cluster
	Endpoints     map[string]string  // what those of Share are called for people, by their keys
}

// Remark is a thing to be said.
type Remark struct {
	Code   string         `json:"code"`   // which, for those who say it in other words
	Name   string         `json:"name"`   // of the device, connection or sink that it is about; "" for the bridge
	Text   string         `json:"text"`   // what it is
	Values map[string]any `json:"values"` // the names and figures of the text; those of times end in _seconds
}

// Report is what is said.
type Report struct {
	Well    bool   `json:"well"`
	Verdict string `json:"verdict"`
	// Delivered is what the sinks have got since they were first there, as the account of what is missing says it.
	Delivered string   `json:"delivered"`
	Parts     []Remark `json:"parts"`    // of the verdict, shortly
	Problems  []Remark `json:"problems"` // what is not well
	Notes     []Remark `json:"notes"`    // what is to be known besides
	Devices   int      `json:"devices"`
	Offline   int      `json:"devices_offline"`
	Elsewhere int      `json:"devices_elsewhere"` // that other members of a cluster read
	Tags      int      `json:"tags"`
	BadTags   int      `json:"bad_tags"` // also those of devices that are offline
	Sinks     int      `json:"sinks"`
	Alarms    int      `json:"alarms"`        // that are active: the plant is not well, and the bridge may be
	Urgent    int      `json:"alarms_urgent"` // of these, those of priority 1

	tagsElsewhere int
}

// Of judges s as of now.
func Of(s *State, now time.Time) *Report {
	r := &Report{Parts: []Remark{}, Problems: []Remark{}, Notes: []Remark{}, Devices: len(s.Devices), Sinks: len(s.Sinks)}
	for i := range s.Devices {
		r.Tags += s.Devices[i].Tags
		r.BadTags += s.Devices[i].BadTags
		if s.Devices[i].State == drivers.Elsewhere {
			r.Elsewhere++
			r.tagsElsewhere += s.Devices[i].Tags
		}
	}
	r.bridge(s)
	r.devices(s.Devices, now)
	r.tags(s.Devices)
	r.connections(s.Connections)
	r.cluster(s, now)
	for i := range s.Sinks {
		r.sink(&s.Sinks[i])
	}
	r.Delivered = delivered(s.Sinks, now)
	if r.Well = len(r.Parts) == 0; r.Well {
		r.well()
	} else {
		r.Verdict = "NOT WELL: " + joined(r.Parts)
	}
	r.alarms(s.Alarms)
	return r
}

func joined(parts []Remark) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, ", ")
}

// values are name, value, name, value.
func values(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

func (r *Report) part(code, name, text string, pairs ...any) {
	r.Parts = append(r.Parts, Remark{code, name, text, values(pairs...)})
}

func (r *Report) problem(code, name, text string, pairs ...any) {
	r.Problems = append(r.Problems, Remark{code, name, text, values(pairs...)})
}

func (r *Report) note(code, name, text string, pairs ...any) {
	r.Notes = append(r.Notes, Remark{code, name, text, values(pairs...)})
}

// well says what all there is.
func (r *Report) well() {
	here, tags := r.Devices-r.Elsewhere, r.Tags-r.tagsElsewhere
	switch {
	case r.Devices == 0:
		r.part("no-device", "", "there is no device")
	case here > 0:
		r.part("all-read", "", fmt.Sprintf("%s online, %s good", are(here, "device"), are(tags, "tag")), "devices", here, "tags", tags)
	}
	if r.Elsewhere > 0 {
		r.part("elsewhere", "", are(r.Elsewhere, "device")+" read by other members of the cluster", "devices", r.Elsewhere)
	}
	switch r.Sinks {
	case 0:
		r.part("no-sink", "", "there is no sink")
	case 1:
		r.part("all-taken", "", "the sink takes all that is read", "sinks", 1)
	default:
		r.part("all-taken", "", Plural(r.Sinks, "sink")+" take all that is read", "sinks", r.Sinks)
	}
	r.Verdict = "All is well: " + joined(r.Parts)
}

// bridge is about the bridge itself.
func (r *Report) bridge(s *State) {
	if !s.Ready {
		r.part("starting", "", "it does not read yet")
		r.problem("starting", "", "the bridge is starting and does not read yet")
	}
	if s.Journal != "" {
		r.part("journal", "", "the journal is not kept on disk")
		r.problem("journal", "", "the journal "+s.Journal, "error", s.Journal)
	}
	n := len(s.Configuration)
	switch {
	case n == 0:
		return
	case s.LastGood:
		r.part("last-good", "", "the configuration was refused, what was applied before runs")
	default:
		r.part("refused", "", "the changed configuration was refused")
	}
	for i, p := range s.Configuration {
		if i == mostOnes {
			r.problem("more-configuration", "", fmt.Sprintf("configuration: and %d more", n-i), "count", n-i)
			break
		}
		r.problem("configuration", "", "configuration: "+p, "error", p)
	}
}
