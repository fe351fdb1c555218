package hostile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Database takes line protocol as InfluxDB does: POST, 204 when it is stored. What a fault is done to is named by a text that
// the request's lines contain.
type Database struct {
	peer
	mu     sync.Mutex
	stored map[string]int // lines, and how often they came
}

// databaseFaults are what a database can do: silent, hangup and reset once it has read the request; halfway, hanging up in
// the middle of it; lost, storing and then hanging up; garbage that is no HTTP; endless headers; bomb, an answer without an
// end; status:CODE with a body that is no InfluxDB's; html:CODE; refuse, a 400 of InfluxDB's own about points; drip:N, which
// reads N bytes a second.
var databaseFaults = []string{
	"silent", "hangup", "reset", "halfway", "lost", "garbage", "endless", "bomb", "status", "html", "refuse", "drip",
}

// NewDatabase starts one with that script.
func NewDatabase(lines ...string) (*Database, error) {
	s, err := newScript(databaseFaults, lines)
	if err != nil {
		return nil, err
	}
	d := &Database{peer: peer{Script: s}, stored: map[string]int{}}
	return d, d.listen(d.serve)
}

// Stored are the lines that it has acknowledged or stored otherwise, each with how often it came.
func (d *Database) Stored() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make(map[string]int, len(d.stored))
	for line, n := range d.stored {
		out[line] = n
	}
	return out
}

func (d *Database) serve(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		raw, half := d.body(c, r)
		if half {
			return
		}
		if !d.answer(c, raw) {
			return
		}
	}
}

// body reads the body, at the speed and as far as a fault for any request has it.
func (d *Database) body(c net.Conn, r *http.Request) (lines string, half bool) {
	f := d.next(func(text string) bool { return text == "body" })
	var body io.Reader = r.Body
	if f.What == "halfway" {
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		reset(c)
		return "", true
	}
	if rate, err := strconv.Atoi(f.Value); f.What == "drip" && err == nil {
		body = &dripping{r.Body, rate}
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return "", true
	}
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return "", true
		}
		if raw, err = io.ReadAll(z); err != nil {
			return "", true
		}
	}
	return string(raw), false
}

// dripping reads so many bytes a second.
type dripping struct {
	r    io.Reader
	rate int
}

// Read implements io.Reader.
func (d *dripping) Read(p []byte) (int, error) {
	n, err := d.r.Read(p[:min(len(p), max(d.rate/10, 1))])
	time.Sleep(time.Duration(n) * time.Second / time.Duration(d.rate))
	return n, err
}

// answer answers as the script has it; false: the connection ends.
func (d *Database) answer(c net.Conn, lines string) bool {
	f := d.next(func(text string) bool { return text != "body" && strings.Contains(lines, text) })
	switch f.What {
	case "silent":
		d.silence(c)
		return false
	case "hangup":
		return false
	case "reset":
		reset(c)
		return false
	case "lost":
		d.store(lines)
		return false
	case "garbage":
		send(c, []byte("\x16\x03\x01 this is not HTTP\r\n\r\n"))
		return false
	case "endless":
		send(c, []byte("HTTP/1.1 204 No Content\r\n"))
		endless(c, []byte("X-More: "+strings.Repeat("x", 4000)+"\r\n"))
		return false
	case "bomb":
		send(c, []byte("HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\n\r\n"))
		endless(c, bytes.Repeat([]byte("{"), 4096))
		return false
	case "status", "html":
		return send(c, reply(f))
	case "refuse":
		return send(c, respond(400, "application/json", `{"code":"invalid","message":"partial write: field type conflict dropped=1"}`))
	}
	d.store(lines)
	return send(c, respond(204, "", ""))
}

// reply is the answer of a status or html fault: what a proxy, or another program at that port, says.
func reply(f Fault) []byte {
	code, err := strconv.Atoi(f.Value)
	if err != nil {
		code = 500
	}
	if f.What == "html" {
		return respond(code, "Text/HTML; charset=utf-8", "<html><body>It works!</body></html>")
	}
	return respond(code, "text/plain", "hello from something else")
}

func respond(code int, kind, body string) []byte {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\n", code, http.StatusText(code))
	if kind != "" {
		head += "Content-Type: " + kind + "\r\n"
	}
	if code != http.StatusNoContent {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return []byte(head + "\r\n" + body)
}

func (d *Database) store(lines string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for line := range strings.Lines(lines) {
		d.stored[strings.TrimSuffix(line, "\n")]++
	}
}
