package web

import (
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
)

// sinkJSON is an element of /api/v1/sinks. Delivered, rejected, dropped and behind_samples add up to what was read for it.
type sinkJSON struct {
	Sink          string            `json:"sink"`
	Type          string            `json:"type"`
	Connected     bool              `json:"connected"`
	Delivered     uint64            `json:"delivered"`
	Present       uint64            `json:"present"`         // present values, beside those, that it acknowledged
	Rejected      uint64            `json:"rejected"`        // refused, and still kept aside
	Refused       uint64            `json:"refused"`         // all that was refused
	Resent        uint64            `json:"resent"`          // of those, acknowledged when they were sent again
	SetAside      int               `json:"set_aside"`       // series that it refused three times running: tried ever more rarely
	Dropped       uint64            `json:"dropped"`         // lost
	Reasons       map[string]uint64 `json:"dropped_reasons"` // of dropped
	Lost          uint64            `json:"lost"`            // of dropped, gone from the journal before it could be sent
	Retries       uint64            `json:"retries"`         // tries after the first one
	Position      uint64            `json:"position"`        // in the journal, before which all is acknowledged or refused
	BehindSamples uint64            `json:"behind_samples"`
	BehindBytes   int64             `json:"behind_bytes"`
	BehindSeconds float64           `json:"behind_seconds"`
	DrainSeconds  *float64          `json:"drain_seconds"` // null while it does not come nearer
	// OldestUnacknowledged is when the oldest sample under way was read; null when none is.
	OldestUnacknowledged *string `json:"oldest_unacknowledged"`
	SendingSeconds       float64 `json:"sending_seconds"` // since what is under way made progress; 0 when nothing is
	Error                string  `json:"error"`
}

func (p *pages) sinks(w http.ResponseWriter, _ *http.Request) {
	list := []sinkJSON{}
	for _, s := range p.bridge.Sinks() {
		list = append(list, sinkOf(&s))
	}
	reply(w, http.StatusOK, list)
}

func sinkOf(s *bridge.SinkState) sinkJSON {
	return sinkJSON{
		Sink:                 s.Sink,
		Type:                 s.Type,
		Connected:            s.Connected,
		Delivered:            s.Delivered,
		Present:              s.Present,
		Rejected:             s.Rejected,
		Refused:              s.Refused,
		Resent:               s.Resent,
		SetAside:             s.SetAside,
		Dropped:              s.Dropped,
		Reasons:              s.Reasons,
		Lost:                 s.Lost,
		Retries:              s.Retries,
		Position:             uint64(s.Position),
		BehindSamples:        s.BehindSamples,
		BehindBytes:          s.BehindBytes,
		BehindSeconds:        s.BehindSeconds,
		DrainSeconds:         s.DrainSeconds,
		OldestUnacknowledged: stampOrNull(s.OldestUnack),
		SendingSeconds:       s.Sending.Seconds(),
		Error:                s.Error,
	}
}
