package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/mapping/config"
)

// gaps answers GET /api/v1/gaps. To make the account all that the journal holds is read: one is made at a time, and lists do
// not wait for it.
func (p *pages) gaps(w http.ResponseWriter, r *http.Request) {
	q, err := gapsQuery(r.URL.Query(), p.bridge.Config(), time.Now())
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	p.accounts.list(w, r, func(out *turnWriter) {
		report, err := p.bridge.Gaps(r.Context(), q)
		switch {
		case r.Context().Err() != nil:
		case err != nil:
			p.log.Warn("what is missing cannot be told", "err", err)
			refuse(w, http.StatusInternalServerError, "%v", err)
		default:
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(out).Encode(report)
		}
	})
}

func gapsQuery(query url.Values, cfg *config.Config, now time.Time) (q gaps.Query, err error) {
	f, err := filterOf(query, cfg)
	if err == nil {
		q.Devices, q.Match = f.devices, f.patterns
		q.Since, q.Until, err = spanOf(query, now)
	}
	if err == nil {
		q.Sinks, err = sinksOf(query, cfg)
	}
	return q, err
}

// sinksOf reads the parameter sink: names of sinks that there are; none: all.
func sinksOf(query url.Values, cfg *config.Config) ([]string, error) {
	names := make([]string, len(cfg.Sinks))
	for i := range cfg.Sinks {
		names[i] = cfg.Sinks[i].Name
	}
	for _, s := range query["sink"] {
		if !slices.Contains(names, s) {
			return nil, errors.New(noSuch("sink", s, names))
		}
	}
	return query["sink"], nil
}
