package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// freshly is for how long holds what all who ask share: pages ask once a second.
const freshly = 900 * time.Millisecond

// shared is something that is made anew at most once a second, whoever asks. While one makes it, the others have what was
// made before.
type shared[T any] struct {
	last atomic.Pointer[made[T]]
	turn sync.Mutex
}

type made[T any] struct {
	it *T
	at time.Time
}

// of is the present one, which fresh makes if there is none or it is too old.
func (s *shared[T]) of(fresh func() *T) *T {
	last := s.last.Load()
	switch {
	case last == nil:
		s.turn.Lock()
	case time.Since(last.at) < freshly || !s.turn.TryLock():
		return last.it
	}
	defer s.turn.Unlock()
	if now := s.last.Load(); now != last {
		return now.it // made meanwhile
	}
	now := &made[T]{at: time.Now()}
	now.it = fresh()
	s.last.Store(now)
	return now.it
}

// small is up to how many bytes an answer goes in one packet as it is.
const small = 1200

// oneForAll is an answer in JSON that many are answered, encoded and packed once.
type oneForAll struct {
	etag  string
	plain []byte

	zip    sync.Once
	packed []byte
}

func newOneForAll(etag string, v any) *oneForAll {
	var b bytes.Buffer
	json.NewEncoder(&b).Encode(v)
	return &oneForAll{etag: etag, plain: b.Bytes()}
}

// The fields that all answers have in common; nobody changes them.
var (
	kindJSON    = []string{"application/json"}
	cacheAsk    = []string{"no-cache"}
	codingGzip  = []string{"gzip"}
	varyByPacks = []string{"Accept-Encoding"}
)

// send answers r with a.
func (a *oneForAll) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["Vary"] = kindJSON, cacheAsk, varyByPacks
	h.Set("ETag", "W/"+a.etag)
	if isKnown(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if len(a.plain) <= small || !takesGzip(r.Header.Get("Accept-Encoding")) {
		w.Write(a.plain)
		return
	}
	a.zip.Do(a.pack)
	h["Content-Encoding"] = codingGzip
	w.Write(a.packed)
}

// packers are writers whose memory is used again.
var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return z
}}

func (a *oneForAll) pack() {
	var b bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	z.Reset(&b)
	z.Write(a.plain)
	z.Close()
	packers.Put(z)
	a.packed = b.Bytes()
}
