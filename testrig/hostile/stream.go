package hostile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Stream is a NATS server with one stream of JetStream, that takes every subject, without memory of identifiers. What a fault
// is done to is named hello, for what it begins with, connect, for the login, or by a text that subject or payload of a message
// contains.
type Stream struct {
	peer
	mu    sync.Mutex
	taken []Message // in the order in which they were stored
	ids   []string  // of each of them
	head  []string  // headers, of each of them
	info  string
}

// streamFaults are what it can do to a login or a message: silent, hangup, reset; lost, storing it and then hanging up; garbage
// that is no NATS; huge, a message of 2 GB; line, one without an end; nobody, no responders; error:CODE, that error of JetStream;
// other, an acknowledgement of stream OTHER; text, an answer that is no acknowledgement; twice; flood, answers that nobody waits
// for; deny, the permission to publish is missing; auth, a refused login; cut, storing it and hanging up in the middle of the
// acknowledgement; swap, storing it and acknowledging the one before again; seq:N, an acknowledgement with that number; info:WHAT,
// as hello or before storing a message: see informs.
var streamFaults = []string{
	"silent", "hangup", "reset", "lost", "garbage", "huge", "line", "nobody", "error", "other", "text", "twice", "flood", "deny", "auth",
	"cut", "swap", "seq", "info",
}

// informs are what it says of itself in faults: that it takes no message or small ones, is about to end and others are to be
// connected to, wants TLS, has a nonce for keys that is none, knows neither headers nor streams, has very much to say, or says things
// of other types.
var informs = map[string]string{
	"zero":    `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":0}`,
	"minus":   `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":-1}`,
	"small":   `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":400}`,
	"others":  `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":1048576,"ldm":true,"connect_urls":["192.0.2.1:4222","127.0.0.1:1","]:["]}`,
	"tls":     `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":1048576,"tls_required":true}`,
	"nonce":   `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":1048576,"auth_required":true,"nonce":"\u0000"}`,
	"old":     `{"server_id":"HOSTILE","max_payload":1048576}`,
	"much":    `{"server_id":"HOSTILE","proto":1,"headers":true,"max_payload":1048576,"connect_urls":["` + strings.Repeat("x", 60000) + `"]}`,
	"nothing": `{}`,
	"types":   `{"max_payload":"much","headers":1}`,
}

// NewStream starts one with that script. Its stream is named PLANT.
func NewStream(lines ...string) (*Stream, error) {
	s, err := newScript(streamFaults, lines)
	if err != nil {
		return nil, err
	}
	p := &Stream{peer: peer{Script: s}, info: `{"server_id":"HOSTILE","version":"2.15.2","proto":1,"headers":true,"max_payload":1048576,"jetstream":true}`}
	return p, p.listen(p.serve)
}

// Inform replaces what it says of itself to those that connect from now on.
func (p *Stream) Inform(info string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.info = info
}

// Messages are those that it has stored, in that order.
func (p *Stream) Messages() []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// Taken are the messages by subject and payload, each with how often it came.
func (p *Stream) Taken() map[string]int {
	out := map[string]int{}
	for _, m := range p.Messages() {
		out[m.Topic+" "+m.Payload]++
	}
	return out
}

// IDs are the identifiers of the messages, "" where there was none, and their headers.
func (p *Stream) IDs() (ids, headers []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ids), slices.Clone(p.head)
}

// client is one connection.
type client struct {
	net.Conn
	in    *bufio.Reader
	sid   string // of its subscription
	inbox string // what that is to: PREFIX.*
	// before is where the acknowledgement of the last message went.
	before string
}

func (p *Stream) serve(c net.Conn) {
	p.mu.Lock()
	info := p.info
	p.mu.Unlock()
	if p.speaksOf("hello") {
		if f := p.next(func(text string) bool { return text == "hello" }); f.What == "info" {
			info = informs[f.Value]
		}
	}
	if !send(c, []byte("INFO "+info+"\r\n")) {
		return
	}
	k := &client{Conn: c, in: bufio.NewReader(c)}
	for {
		text, err := k.in.ReadString('\n')
		words := strings.Fields(text)
		if err != nil || len(words) == 0 {
			return
		}
		goOn := true
		switch strings.ToUpper(words[0]) {
		case "CONNECT":
			goOn = p.login(k)
		case "PING":
			goOn = send(c, []byte("PONG\r\n"))
		case "SUB":
			k.inbox, k.sid = words[1], words[len(words)-1]
		case "HPUB", "PUB":
			m, ok := k.read(words)
			goOn = ok && p.publish(k, m)
		}
		if !goOn {
			return
		}
	}
}

// published is a message as it came.
type published struct{ subject, reply, headers, payload string }

// read reads the rest of HPUB subject [reply] size-of-headers size, or PUB subject [reply] size.
func (k *client) read(words []string) (m published, ok bool) {
	sizes := 1
	if strings.EqualFold(words[0], "HPUB") {
		sizes = 2
	}
	if len(words) < 2+sizes || len(words) > 3+sizes {
		return m, false
	}
	m.subject = words[1]
	if len(words) == 3+sizes {
		m.reply = words[2]
	}
	size, err := strconv.Atoi(words[len(words)-1])
	if err != nil || size < 0 || size > 16<<20 {
		return m, false
	}
	head := 0
	if sizes == 2 {
		head, _ = strconv.Atoi(words[len(words)-2])
	}
	body := make([]byte, size+2)
	if _, err := io.ReadFull(k.in, body); err != nil || head > size {
		return m, false
	}
	m.headers, m.payload = string(body[:head]), string(body[head:size])
	return m, true
}

// login answers CONNECT; the PONG comes by itself.
func (p *Stream) login(k *client) bool {
	f := p.next(func(text string) bool { return text == "connect" })
	if f.What == "auth" {
		send(k, []byte("-ERR 'Authorization Violation'\r\n"))
		return false
	}
	done, goOn := p.rude(k, f)
	return !done || goOn
}

// publish answers a message; false: the connection ends.
func (p *Stream) publish(k *client, m published) bool {
	f := p.next(func(text string) bool {
		return text != "connect" && text != "hello" && (strings.Contains(m.subject, text) || strings.Contains(m.payload, text))
	})
	if done, goOn := p.rude(k, f); done {
		return goOn
	}
	stream, times, reply := "PLANT", 1, m.reply
	switch f.What {
	case "info":
		if !send(k, []byte("INFO "+informs[f.Value]+"\r\n")) {
			return false
		}
	case "swap":
		reply = k.before
	case "nobody":
		return send(k, fmt.Appendf(nil, "HMSG %s %s 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", m.reply, k.sid))
	case "error":
		code, _ := strconv.Atoi(f.Value)
		return k.answer(m.reply, fmt.Sprintf(`{"error":{"code":503,"err_code":%d,"description":"the script says so: maximum"},"stream":"PLANT","seq":0}`, code))
	case "other":
		stream = "OTHER"
	case "text":
		return k.answer(m.reply, "hello")
	case "deny":
		return send(k, fmt.Appendf(nil, "-ERR 'Permissions Violation for Publish to \"%s\"'\r\n", m.subject))
	case "twice":
		times = 2
	case "flood":
		for range 1000 {
			if !k.answer(m.reply+"x", "{}") {
				return false
			}
		}
	}
	p.mu.Lock()
	p.taken = append(p.taken, Message{m.subject, m.payload})
	p.ids, p.head = append(p.ids, header(m.headers, "Nats-Msg-Id")), append(p.head, m.headers)
	seq := len(p.taken)
	p.mu.Unlock()
	k.before = m.reply
	number := strconv.Itoa(seq)
	switch f.What {
	case "lost":
		return false
	case "cut":
		send(k, fmt.Appendf(nil, "MSG %s %s 26\r\n{\"stream\":", m.reply, k.sid))
		return false
	case "seq":
		number = f.Value
	}
	for range times {
		if reply != "" && !k.answer(reply, fmt.Sprintf(`{"stream":"%s","seq":%s}`, stream, number)) {
			return false
		}
	}
	return true
}

// header is the value of a header; "": there is none.
func header(headers, name string) string {
	for line := range strings.SplitSeq(headers, "\r\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// answer sends text to a reply subject.
func (k *client) answer(reply, text string) bool {
	return send(k, fmt.Appendf(nil, "MSG %s %s %d\r\n%s\r\n", reply, k.sid, len(text), text))
}

// rude does faults that leave no answer; done is false for others.
func (p *Stream) rude(k *client, f Fault) (done, goOn bool) {
	if f.What == "silent" {
		p.silence(k.Conn)
		return true, false
	}
	if done, goOn := unanswered(k.Conn, f); done {
		return done, goOn
	}
	switch f.What {
	case "garbage":
		send(k, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		return true, false
	case "huge":
		send(k, fmt.Appendf(nil, "MSG %s %s 9223372036854775000\r\n", strings.ReplaceAll(k.inbox, "*", "x"), k.sid))
		endless(k, make([]byte, 4096))
		return true, false
	case "line":
		send(k, []byte("INFO "))
		endless(k, json.RawMessage(strings.Repeat("x", 4096)))
		return true, false
	}
	return false, false
}
