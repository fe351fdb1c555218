package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"tagbridge/cmd/tagbridge/events"
)

// maxResendWait is how many seconds the end of sending again is waited for.
const maxResendWait = 45

// resendJSON is what /api/v1/resend takes.
type resendJSON struct {
	Sink string `json:"sink"`
	Wait int    `json:"wait"`
}

// resentJSON is what it answers.
type resentJSON struct {
	Sink    string `json:"sink"`
	Samples uint64 `json:"samples"`
	Kept    uint64 `json:"kept"`
	Done    bool   `json:"done"`
}

// resend answers POST /api/v1/resend.
func (p *pages) resend(w http.ResponseWriter, r *http.Request) {
	var q resendJSON
	if !take(w, r, &q) {
		return
	}
	if q.Wait < 0 || q.Wait > maxResendWait {
		refuse(w, http.StatusBadRequest, "wait: seconds from 0 to %d, not %d", maxResendWait, q.Wait)
		return
	}
	if why := p.noSink(q.Sink); why != "" {
		refuse(w, http.StatusBadRequest, "%s", why)
		return
	}
	samples, err := p.bridge.Resend(q.Sink)
	if err != nil {
		refuseEdit(w, err)
		return
	}
	if samples > 0 {
		p.log.Info("rejected samples are sent again", "sink", q.Sink, "what", fmt.Sprintf("%d samples", samples),
			"by", visitorOf(r).name, "event", events.Edit)
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(q.Wait)*time.Second)
	defer cancel()
	s := p.bridge.AwaitResend(ctx, q.Sink)
	reply(w, http.StatusOK, resentJSON{q.Sink, samples, s.Kept, !s.Resending})
}

// noSink is what is wrong with the name of a sink; "": there is one of that name.
func (p *pages) noSink(name string) string {
	var names []string
	for _, s := range p.bridge.Config().Sinks {
		if s.Name == name {
			return ""
		}
		names = append(names, s.Name)
	}
	return noSuch("sink", name, names)
}
