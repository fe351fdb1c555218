package web

import (
	"maps"
	"net/http"
	"slices"

	"tagbridge/cmd/tagbridge/bridge"
)

// sinkJSON is an element of /api/v1/sinks. Delivered, rejected, dropped and behind_samples add up to what was read for it
// since it was first there; what is counted of tries, present values and the like is of this process.
type sinkJSON struct {
	Sink             string            `json:"sink"`
	Type             string            `json:"type"`
	Connected        bool              `json:"connected"`
	Since            *string           `json:"since"` // when the sink was first there; delivered, rejected, refused and dropped count from then
	Delivered        uint64            `json:"delivered"`
	Present          uint64            `json:"present"`           // present values, beside those, that it acknowledged
	Rejected         uint64            `json:"rejected"`          // refused, and not lost: kept aside, or sent again since
	Refused          uint64            `json:"refused"`           // all that was refused
	Resent           uint64            `json:"resent"`            // of those, acknowledged when they were sent again
	Kept             uint64            `json:"kept"`              // kept aside now, and can be sent again
	Resending        bool              `json:"resending"`         // it is being done
	Inherited        uint64            `json:"inherited"`         // of this process, what other members of the cluster left, and it acknowledged
	InheritedRefused uint64            `json:"inherited_refused"` // likewise, what it refused
	SetAside         int               `json:"set_aside"`         // series that it refused three times running: tried ever more rarely
	Dropped          uint64            `json:"dropped"`           // lost
	Reasons          map[string]uint64 `json:"dropped_reasons"`   // of dropped
	Losses           []lossJSON        `json:"losses"`            // of dropped, by reason, and when they were read
	Lost             uint64            `json:"lost"`              // of this process, gone from the journal before it could be sent
	Retries          uint64            `json:"retries"`           // tries after the first one
	Position         uint64            `json:"position"`          // in the journal, before which all is acknowledged or refused
	BehindSamples    uint64            `json:"behind_samples"`
	BehindBytes      int64             `json:"behind_bytes"`
	BehindSeconds    float64           `json:"behind_seconds"`
	DrainSeconds     *float64          `json:"drain_seconds"` // null while it does not come nearer
	// OldestUnacknowledged is when the oldest sample under way was read; null when none is.
	OldestUnacknowledged *string `json:"oldest_unacknowledged"`
	SendingSeconds       float64 `json:"sending_seconds"` // since what is under way made progress; 0 when nothing is
	Error                string  `json:"error"`
}

func (p *pages) sinks(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, sinkList(p.bridge.Sinks()))
}

func sinkList(states []bridge.SinkState) []sinkJSON {
	list := make([]sinkJSON, 0, len(states))
	for i := range states {
		list = append(list, sinkOf(&states[i]))
	}
	return list
}

func sinkOf(s *bridge.SinkState) sinkJSON {
	return sinkJSON{
		Sink:                 s.Sink,
		Inherited:            s.Inherited,
		InheritedRefused:     s.InheritedRefused,
		Type:                 s.Type,
		Connected:            s.Connected,
		Since:                stampOrNull(s.Ever.Since),
		Delivered:            s.Ever.Delivered,
		Present:              s.Present,
		Rejected:             s.Ever.Rejected,
		Refused:              s.Ever.Refused,
		Resent:               s.Resent,
		Kept:                 s.Kept,
		Resending:            s.Resending,
		SetAside:             s.SetAside,
		Dropped:              s.Ever.Dropped,
		Reasons:              countsOf(s.Ever.Reasons),
		Losses:               lossesOf(s.Ever.Reasons),
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

// lossJSON is what was lost for one reason.
type lossJSON struct {
	Reason  string  `json:"reason"`
	Samples uint64  `json:"samples"`
	First   *string `json:"first"` // when the oldest of it was read; null when nobody can know
	Last    *string `json:"last"`
}

func countsOf(reasons map[string]bridge.Lost) map[string]uint64 {
	counts := make(map[string]uint64, len(reasons))
	for name, sum := range reasons {
		counts[name] = sum.Samples
	}
	return counts
}

func lossesOf(reasons map[string]bridge.Lost) []lossJSON {
	list := []lossJSON{}
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		if sum := reasons[name]; sum.Samples > 0 {
			list = append(list, lossJSON{name, sum.Samples, stampOrNull(sum.First), stampOrNull(sum.Last)})
		}
	}
	return list
}
