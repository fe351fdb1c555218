package revision

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// Report is what a member says of its configuration.
type Report struct {
	Node     string    `json:"node"`
	Program  string    `json:"program"`
	Time     time.Time `json:"time"`
	Revision int       `json:"revision"` // that it has; 0: none
	ID       string    `json:"id"`
	Differs  []string  `json:"differs,omitempty"` // what was changed there by hand since
	Refused  int       `json:"refused,omitempty"` // the revision that it does not take; 0: none
	Why      string    `json:"why,omitempty"`
}

// Say says it to all.
func (r *Remote) Say(ctx context.Context, p *Report) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = r.kv.Put(ctx, store.Key(reportKey, p.Node), b)
	return r.why(err)
}

// ReportOf is what a member said last; nil: nothing that can be read.
func (r *Remote) ReportOf(ctx context.Context, node string) (*Report, error) {
	e, err := r.kv.Get(ctx, store.Key(reportKey, node))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, r.why(err)
	}
	var p Report
	if len(e.Value()) > maxReport || json.Unmarshal(e.Value(), &p) != nil || p.Node != node {
		return nil, nil
	}
	p.Why, p.Program = printable(p.Why), printable(p.Program)
	return &p, nil
}

// Reported are the members that ever said something.
func (r *Remote) Reported(ctx context.Context) (list []*Report, err error) {
	w, err := r.kv.Watch(ctx, reportKey+".*", jetstream.IgnoreDeletes())
	if err != nil {
		return nil, r.why(err)
	}
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return list, r.why(ctx.Err())
		case e := <-w.Updates():
			if e == nil {
				return list, nil
			}
			var p Report
			if len(e.Value()) <= maxReport && len(list) < maxFiles && json.Unmarshal(e.Value(), &p) == nil && store.Key(reportKey, p.Node) == e.Key() {
				p.Why, p.Program = printable(p.Why), printable(p.Program)
				list = append(list, &p)
			}
		}
	}
}
