package mqtt

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// TestWebsocket has a connection be made, and carry bytes both ways, over a plain websocket and over TLS.
func TestWebsocket(t *testing.T) {
	upgrade := websocket.Upgrader{Subprotocols: []string{"mqtt"}}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrade.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		kind, b, err := c.ReadMessage()
		if err != nil {
			t.Error(err)
			return
		}
		if err := c.WriteMessage(kind, b); err != nil {
			t.Error(err)
		}
	})
	for _, c := range []struct {
		scheme string
		server *httptest.Server
	}{{"ws", httptest.NewServer(echo)}, {"wss", httptest.NewTLSServer(echo)}} {
		t.Run(c.scheme, func(t *testing.T) {
			t.Cleanup(c.server.Close)
			o := Options{URL: c.scheme + c.server.URL[strings.Index(c.server.URL, ":"):], Timeout: time.Minute}
			o.TLS.Insecure = true
			target, err := o.target()
			if err != nil {
				t.Fatal(err)
			}
			w, err := target.dial(patience(t))
			if err != nil {
				t.Fatal(err)
			}
			defer w.conn.Close()
			if _, err := w.conn.Write([]byte("ping")); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 4)
			if _, err := io.ReadFull(w.conn, b); err != nil || string(b) != "ping" {
				t.Errorf("Read = %q, %v", b, err)
			}
		})
	}
}
