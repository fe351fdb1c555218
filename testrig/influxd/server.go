package influxd

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say how strict a server is. The zero value takes everything from everybody.
type Options struct {
	Token   string // not "": writes need it, as a token of v2, else 401
	Bucket  string // not "": the only bucket or db/rp there is, else 404
	Three   bool   // errors are worded as InfluxDB 3 does
	MaxBody int    // bytes of a body as sent; more is answered 413; 0: no limit
	Keep    Keep
}

// Server is an InfluxDB stand-in as an http.Handler. Its methods are safe for concurrent use.
type Server struct {
	o Options

	mu      sync.Mutex
	store   store
	steps   []Step
	always  Step
	refused []string
	frozen  chan struct{}
	writes  int
	arrived chan struct{} // closed and made anew at each stored write
}

// New makes an empty server.
func New(o Options) *Server {
	return &Server{o: o, store: newStore(o.Keep), arrived: make(chan struct{})}
}

// ServeHTTP answers /api/v2/write and /write, /health and /ping.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/health":
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"name":"influxdb","message":"ready for queries and writes","status":"pass"}`)
	case "/ping":
		w.WriteHeader(http.StatusNoContent)
	case "/api/v2/write", "/write":
		if r.Method != http.MethodPost {
			s.fail(w, r, http.StatusMethodNotAllowed, "POST only")
			return
		}
		s.write(w, r)
	default:
		s.fail(w, r, http.StatusNotFound, "path not found")
	}
}

func (s *Server) write(w http.ResponseWriter, r *http.Request) {
	step, frozen := s.step()
	if !pause(r, step.Latency, frozen) {
		return
	}
	if step.Status != 0 || step.Cut {
		s.misbehave(w, r, step)
		return
	}
	if status, why := s.admit(r); status != 0 {
		s.fail(w, r, status, why)
		return
	}
	if s.o.Keep == KeepCount {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.store.count.Bytes += n
		s.mu.Unlock()
		s.done(w)
		return
	}
	body, status, err := s.body(r)
	if err != nil {
		s.fail(w, r, status, err.Error())
		return
	}
	if why := s.take(r, body); why != "" {
		s.fail(w, r, http.StatusBadRequest, why)
		return
	}
	s.done(w)
}

// pause waits as told; false when the client left first.
func pause(r *http.Request, latency time.Duration, frozen chan struct{}) bool {
	if latency > 0 {
		t := time.NewTimer(latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return false
		}
	}
	if frozen == nil {
		return true
	}
	select {
	case <-frozen:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, step Step) {
	if step.Store {
		if body, _, err := s.body(r); err == nil {
			s.take(r, body)
		}
	}
	if step.Cut {
		panic(http.ErrAbortHandler)
	}
	if step.RetryAfter != "" {
		w.Header().Set("Retry-After", step.RetryAfter)
	}
	if step.Status < 300 {
		w.WriteHeader(step.Status)
		return
	}
	s.fail(w, r, step.Status, step.Message)
}

// admit checks who writes where.
func (s *Server) admit(r *http.Request) (status int, why string) {
	if s.o.Token != "" && r.Header.Get("Authorization") != "Token "+s.o.Token {
		return http.StatusUnauthorized, "unauthorized access"
	}
	q := r.URL.Query()
	bucket := q.Get("bucket")
	if r.URL.Path == "/write" {
		bucket = strings.TrimSuffix(q.Get("db")+"/"+q.Get("rp"), "/")
	}
	if s.o.Bucket != "" && bucket != s.o.Bucket {
		return http.StatusNotFound, fmt.Sprintf("bucket %q not found", bucket)
	}
	return 0, ""
}

// body reads and unpacks the body of a write.
func (s *Server) body(r *http.Request) (body []byte, status int, err error) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	s.mu.Lock()
	s.store.count.Bytes += int64(len(sent))
	s.mu.Unlock()
	if s.o.MaxBody > 0 && len(sent) > s.o.MaxBody {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("body of %d bytes, %d at most", len(sent), s.o.MaxBody)
	}
	if r.Header.Get("Content-Encoding") != "gzip" {
		return sent, 0, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("gzip: %w", err)
	}
	body, err = io.ReadAll(z)
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("gzip: %w", err)
	}
	return body, 0, nil
}

// units are nanoseconds by the names of precisions in both APIs.
var units = map[string]int64{
	"": 1, "ns": 1, "n": 1, "us": 1e3, "u": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
}

// take stores the good lines of body and says what was wrong with the others.
func (s *Server) take(r *http.Request, body []byte) (why string) {
	unit, ok := units[r.URL.Query().Get("precision")]
	if !ok {
		return "invalid precision"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped := 0
	for line := range Lines(body) {
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		p, err := ParseLine(line, unit)
		if err != nil {
			s.store.count.Malformed++
			why = fmt.Sprintf("unable to parse '%s': %v", line, err)
			if s.store.count.Example == "" {
				s.store.count.Example = why
			}
			continue
		}
		if slices.ContainsFunc(p.Fields, func(f Field) bool { return slices.Contains(s.refused, f.Name) }) {
			s.store.count.Conflicts++
			err = fmt.Errorf("field type conflict: refused as told")
		} else {
			err = s.store.add(&p)
		}
		if err != nil {
			dropped++
			why = fmt.Sprintf("partial write: %v dropped=%d", err, dropped)
		}
	}
	close(s.arrived)
	s.arrived = make(chan struct{})
	return why
}

func (s *Server) done(w http.ResponseWriter) {
	s.mu.Lock()
	s.store.count.Status[http.StatusNoContent]++
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// fail answers an error in the form of the API that was asked.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.mu.Lock()
	s.store.count.Status[status]++
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	body := map[string]string{"code": strings.ToLower(http.StatusText(status)), "message": why}
	switch {
	case s.o.Three:
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(three(why))
		return
	case r.URL.Path == "/write":
		w.Header().Set("X-Influxdb-Error", why)
		body = map[string]string{"error": why}
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// three is an error as InfluxDB 3 answers it: of lines that were not taken, what is wrong with each, here of the last.
func three(why string) any {
	if text, partial := strings.CutPrefix(why, "partial write: "); partial {
		return map[string]any{
			"error": "partial write of line protocol occurred",
			"data":  []map[string]any{{"error_message": text, "line_number": 1, "original_line": "…"}},
		}
	}
	return map[string]any{"error": why}
}
