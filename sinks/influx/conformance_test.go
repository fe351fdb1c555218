package influx

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/sinktest"
)

// TestConformance has the sink pass what every sink has to, at databases of each version.
func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		client Options
		server influxd.Options
	}{
		"v2":          {Options{Token: "secret", Org: "o", Bucket: "plant", Gzip: true}, influxd.Options{Token: "secret", Bucket: "plant"}},
		"v2 unsigned": {Options{Token: "secret", Org: "o", Bucket: "plant", Unsigned: true}, influxd.Options{Bucket: "plant"}},
		"v3":          {Options{Token: "secret", Bucket: "plant"}, influxd.Options{Token: "secret", Bucket: "plant", Three: true}},
		"1.8": {Options{Username: "me", Password: "secret", Bucket: "plant/autogen", Gzip: true},
			influxd.Options{Token: "me:secret", Bucket: "plant/autogen"}},
	} {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, func() (*sinktest.Peer, error) { return newPeer(c.client, c.server), nil })
		})
	}
}

// newPeer starts a database with these options, for sinks with those.
func newPeer(client Options, server influxd.Options) *sinktest.Peer {
	db := influxd.New(server)
	var mu sync.Mutex
	reached := make(chan struct{}) // closed when a request comes; nil: nobody waits for it
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if reached != nil {
			close(reached)
			reached = nil
		}
		mu.Unlock()
		db.ServeHTTP(w, r)
	}))
	h.Config.ErrorLog = discardLog // of connections that are cut on purpose
	h.Start()
	client.URL, client.Precision, client.Timeout = h.URL, mapping.Nanoseconds, time.Hour
	return &sinktest.Peer{
		Open: func() (sinks.Sink, error) { return Open(client) },
		Taken: func() (all []sinktest.Sample, err error) {
			for _, p := range db.Points() {
				all = append(all, sinktest.Fields(&p)...)
			}
			return all, nil
		},
		Silence: func() <-chan struct{} {
			db.Freeze()
			mu.Lock()
			defer mu.Unlock()
			reached = make(chan struct{})
			return reached
		},
		Falter: func() {
			var steps []influxd.Step
			for range 50 {
				steps = append(steps, influxd.Step{}, influxd.Step{Status: 503}, influxd.Step{Cut: true}, influxd.Step{},
					influxd.Step{Cut: true, Store: true}, influxd.Step{Status: 429, RetryAfter: "0"}, influxd.Step{Status: 500})
			}
			db.Script(steps...)
		},
		Refuse: func(tag string) { db.Refuse(tag) },
		Recover: func() {
			db.Script()
			db.Refuse()
			db.Thaw()
		},
		Close: h.Close,
	}
}
