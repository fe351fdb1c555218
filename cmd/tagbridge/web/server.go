package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/web/page"
)

// pages answers /metrics, /healthz, /readyz, the lists of the API and the page.
type pages struct {
	bridge    *bridge.Bridge
	log       *slog.Logger
	users     *users // nil: everybody
	files     pageFiles
	glances   shared[glance]
	overviews shared[overview]
	newest    newest
	metrics   http.Handler
	turns     *turns
	accounts  *turns // of what is missing: each takes its time
	past      *turns // of what is kept of the past: likewise
	catalogs  catalogs
	screens   sync.Pool // of *screen
	editor    *edit.Editor
	drafts    *drafts
	tables    chan struct{} // one is converted at a time
	edit      bool          // users who may edit can
}

func newPages(b *bridge.Bridge, registry *prometheus.Registry, log *slog.Logger) *pages {
	return &pages{
		bridge: b,
		log:    log,
		files:  newPageFiles(page.Files()),
		turns:  newTurns(), accounts: newTurns(), past: newTurns(),
		editor: edit.New(b),
		drafts: newDrafts(),
		tables: make(chan struct{}, 1),
		metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{
			// What is wrong with the metrics is answered; else it is a client that has gone.
			ErrorLog:           slog.NewLogLogger(log.Handler(), slog.LevelDebug),
			DisableCompression: true, // its tables would stay in memory for a scrape on loopback
		}),
	}
}

func (p *pages) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		answer := func(w http.ResponseWriter, req *http.Request) { r.serve(p, w, req) }
		if r.isList() {
			answer = p.withVerdict(answer)
		}
		mux.HandleFunc("GET "+r.path, limited(answer))
	}
	for _, a := range actions {
		mux.HandleFunc(a.method+" "+a.path, p.withVerdict(func(w http.ResponseWriter, req *http.Request) { a.serve(p, w, req) }))
	}
	mux.HandleFunc(apiRoot, limited(p.withVerdict(unknown)))
	mux.HandleFunc("GET /{$}", p.files.index)
	mux.HandleFunc("GET "+pageRoot, p.files.file)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return careful(p.users.guard(sameOrigin(mux)))
}

// serve answers on l until ctx ends, and tells changed what becomes of its connections.
func (p *pages) serve(ctx context.Context, l net.Listener, changed func(net.Conn, http.ConnState)) error {
	srv := &http.Server{
		Handler:           p.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnState:         changed,
		ErrorLog:          log.New(serverLog{p.log}, "", 0),
	}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve http on %s: %w", l.Addr(), err)
	}
	return nil
}

// serverLog logs what the HTTP server has to say.
type serverLog struct{ *slog.Logger }

// Write takes one line. A handshake that a client spoils is its own affair: one that scans ports would fill the log.
func (l serverLog) Write(line []byte) (int, error) {
	level := slog.LevelWarn
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) {
		level = slog.LevelDebug
	}
	l.Log(context.Background(), level, string(bytes.TrimSpace(line)))
	return len(line), nil
}

// reply writes v as JSON. The client may be gone; there is nobody to tell.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, format string, args ...any) {
	reply(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}
