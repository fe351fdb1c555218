package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// dial opens a connection to b and sends text.
func (b *running) dial(text string) net.Conn {
	b.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(b.http, "http://"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	io.WriteString(c, text)
	return c
}

// TestNobodyKeepsOthersOutByHoldingConnections opens more than are served: silent ones, and ones that ask and do not read.
func TestNobodyKeepsOthersOutByHoldingConnections(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	for range 2 * maxConnections {
		b.dial("")
	}
	for range maxConnections {
		b.dial(strings.Repeat("GET /api/v1/tags HTTP/1.1\r\nHost: localhost\r\n\r\n", 20))
	}
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 5 {
		answer, err := fresh.Get(b.http + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("status %d", answer.StatusCode)
		}
	}
}

func TestTheLongestIdleIsShownOutFirst(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuests(l, 2)
	defer g.Close()
	enter := func() (client, server net.Conn) {
		t.Helper()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		if server, err = g.Accept(); err != nil {
			t.Fatal(err)
		}
		return client, server
	}
	out := func(client net.Conn) {
		t.Helper()
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read %v, want the end", err)
		}
	}
	busy, conn := enter()
	g.changed(conn, http.StateActive)
	idle, _ := enter()
	third, conn := enter()
	out(idle)
	g.changed(conn, http.StateActive)
	_, fourth := enter()
	out(busy)
	g.changed(fourth, http.StateClosed)
	if len(g.known) != 1 || g.busy.Len() != 1 || g.idle.Len() != 0 {
		t.Errorf("%d known, %d busy, %d idle; want the third alone", len(g.known), g.busy.Len(), g.idle.Len())
	}
	third.Close()
}

func TestWithoutUsersOnlyNamesOfThisMachineAreAnswered(t *testing.T) {
	h := (*users)(nil).guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") }))
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost": 200, "LOCALHOST:8080": 200, "[::1]:8080": 200, "[::1]": 200, "127.1.2.3": 200,
		"plant.localhost": 200, "localhost.": 200, "": 200,
		"evil.example": 403, "evil.example:8080": 403, "192.168.1.2:8080": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403,
	} {
		req := httptest.NewRequest("GET", "/api/v1/tags", nil)
		req.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != want {
			t.Errorf("%q: status %d, want %d", host, w.Code, want)
		}
		if want == 403 && !strings.Contains(w.Body.String(), "only localhost and 127.0.0.1 are answered") {
			t.Errorf("%q: %s", host, w.Body)
		}
	}
}

// TestAListEndsWithItsRequest has a client go away from a list that would never end.
func TestAListEndsWithItsRequest(t *testing.T) {
	turns := newTurns()
	ended := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turns.list(w, r, func(out *turnWriter) {
			for out.alive() {
				fmt.Fprintln(out, strings.Repeat("x", 100))
			}
		})
		ended <- r.Context().Err()
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(answer.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	answer.Body.Close()
	<-ended
	// And its turn is another's.
	w := httptest.NewRecorder()
	turns.list(w, httptest.NewRequest("GET", "/", nil), func(out *turnWriter) { fmt.Fprint(out, "next") })
	if w.Body.String() != "next" {
		t.Errorf("the next list is %q", w.Body)
	}
}

func TestASilentReaderHoldsNobodysTurn(t *testing.T) {
	turns := newTurns()
	began := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turns.list(w, r, func(out *turnWriter) {
			if r.URL.Path != "/endless" {
				fmt.Fprint(out, "short")
				return
			}
			close(began)
			for out.alive() {
				fmt.Fprintln(out, strings.Repeat("x", 100))
			}
		})
	}))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, "GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-began
	answer, err := http.Get(srv.URL + "/short")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || string(text) != "short" {
		t.Errorf("%q, %v", text, err)
	}
	c.Close()
}
