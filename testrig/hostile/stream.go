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
// is done to is named connect, for the login, or by a text that subject or payload of a message contains.
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
// for; deny, the permission to publish is missing; auth, a refused login.
var streamFaults = []string{
	"silent", "hangup", "reset", "lost", "garbage", "huge", "line", "nobody", "error", "other", "text", "twice", "flood", "deny", "auth",
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
}

func (p *Stream) serve(c net.Conn) {
	p.mu.Lock()
	info := p.info
	p.mu.Unlock()
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
		return text != "connect" && (strings.Contains(m.subject, text) || strings.Contains(m.payload, text))
	})
	if done, goOn := p.rude(k, f); done {
		return goOn
	}
	stream, times := "PLANT", 1
	switch f.What {
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
	if f.What == "lost" {
		return false
	}
	for range times {
		if m.reply != "" && !k.answer(m.reply, fmt.Sprintf(`{"stream":"%s","seq":%d}`, stream, seq)) {
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
