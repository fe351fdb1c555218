package hostile

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// OPCUA stands before a good OPC UA server and spoils what passes (OPC UA Part 6, 7.1 and 6.7.2). What a fault is done to is
// named hello, open or close, or by a text that the bytes of a request contain, such as an identifier of a node: so it is for
// connections without encryption.
type OPCUA struct {
	peer
	target string
	random *rand.Rand
	mu     sync.Mutex // guards random
}

// opcuaFaults are what becomes of a request or its answer: silent, hangup, reset; late:300ms; error:CODE, an ERR message with
// that status; garbage in place of an answer; spoilt, bytes of the answer changed; huge, a header that promises 4 GB; short, half
// of the answer and no more; parts, ever more parts of answers that nobody asked for; twice, the answer two times.
var opcuaFaults = []string{
	"silent", "hangup", "reset", "late", "error", "garbage", "spoilt", "huge", "short", "parts", "twice",
}

// NewOPCUA starts one before the server at target, host:port.
func NewOPCUA(target string, lines ...string) (*OPCUA, error) {
	s, err := newScript(opcuaFaults, lines)
	if err != nil {
		return nil, err
	}
	o := &OPCUA{peer: peer{Script: s}, target: target, random: rand.New(rand.NewPCG(1, 2))}
	return o, o.listen(o.serve)
}

// passage is one connection on its way through.
type passage struct {
	client net.Conn
	server net.Conn // nil: not reached yet
	mu     sync.Mutex
	spoil  map[uint32]Fault // what is to be done to the answer to a request, by its number
}

func (o *OPCUA) serve(client net.Conn) {
	p := &passage{client: client, spoil: map[uint32]Fault{}}
	var back sync.WaitGroup
	for {
		m, err := readMessage(client)
		if err != nil || !o.request(p, m, &back) {
			break
		}
	}
	if p.server != nil {
		p.server.Close()
		o.drop(p.server)
	}
	client.Close()
	back.Wait()
}

// reach connects p to the server when the first message is to be passed on: some servers take one client at a time until
// it has said hello.
func (o *OPCUA) reach(p *passage, back *sync.WaitGroup) bool {
	server, err := net.Dial("tcp", o.target)
	if err != nil || !o.keepServer(server) {
		return false
	}
	p.server = server
	back.Go(func() {
		defer p.client.Close()
		for {
			m, err := readMessage(server)
			if err != nil || !o.answer(p, m) {
				return
			}
		}
	})
	return true
}

// keepServer is keep of a connection to the server, which does not count as one that came.
func (o *OPCUA) keepServer(c net.Conn) bool {
	o.peer.mu.Lock()
	defer o.peer.mu.Unlock()
	if o.ended {
		c.Close()
		return false
	}
	o.conns[c] = false
	return true
}

// readMessage reads one chunk: type, size and the rest.
func readMessage(c net.Conn) ([]byte, error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(c, head); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(head[4:])
	if size < 8 || size > 1<<20 {
		return nil, io.ErrUnexpectedEOF
	}
	m := append(head, make([]byte, size-8)...)
	_, err := io.ReadFull(c, m[8:])
	return m, err
}

// request passes m on, as the script has it; false: the connection ends.
func (o *OPCUA) request(p *passage, m []byte, back *sync.WaitGroup) bool {
	kinds := map[string]string{"HEL": "hello", "OPN": "open", "CLO": "close"}
	f := o.next(func(text string) bool {
		if kind := kinds[string(m[:3])]; kind != "" {
			return text == kind
		}
		return bytes.Contains(m[8:], []byte(text))
	})
	switch f.What {
	case "silent":
		return true
	case "hangup":
		return false
	case "reset":
		reset(p.client)
		return false
	case "error":
		return send(p.client, refusal(f))
	case "garbage":
		return send(p.client, bytes.Repeat([]byte{0xA5, 0x5A, 0xFF}, 20))
	case "huge":
		send(p.client, []byte{'M', 'S', 'G', 'C', 0xFF, 0xFF, 0xFF, 0xFF})
		endless(p.client, make([]byte, 4096))
		return false
	}
	if f.What != "" && string(m[:3]) == "MSG" && len(m) >= 24 {
		p.mu.Lock()
		p.spoil[binary.LittleEndian.Uint32(m[20:])] = f
		p.mu.Unlock()
	}
	if p.server == nil && !o.reach(p, back) {
		return false
	}
	return send(p.server, m)
}

// refusal is an ERR message (Part 6, 7.1.2.5).
func refusal(f Fault) []byte {
	m := []byte{'E', 'R', 'R', 'F', 16, 0, 0, 0}
	m = binary.LittleEndian.AppendUint32(m, 0x80020000|uint32(number(f.Value, 0))<<16)
	return binary.LittleEndian.AppendUint32(m, 0xFFFFFFFF)
}

// answer passes m on, as the fault of its request has it; false: the connection ends.
func (o *OPCUA) answer(p *passage, m []byte) bool {
	var f Fault
	if string(m[:3]) == "MSG" && len(m) >= 24 {
		id := binary.LittleEndian.Uint32(m[20:])
		p.mu.Lock()
		f = p.spoil[id]
		delete(p.spoil, id)
		p.mu.Unlock()
	}
	switch f.What {
	case "late":
		if d, err := time.ParseDuration(f.Value); err == nil {
			time.Sleep(d)
		}
	case "spoilt":
		o.mu.Lock()
		for range 8 {
			m[24+o.random.IntN(len(m)-24)] ^= byte(1 + o.random.IntN(255))
		}
		o.mu.Unlock()
	case "short":
		send(p.client, m[:len(m)/2])
		return true
	case "twice":
		send(p.client, m)
	case "parts":
		return o.parts(p, m)
	}
	return send(p.client, m)
}

// parts sends unfinished answers to requests that nobody made.
func (o *OPCUA) parts(p *passage, m []byte) bool {
	part := bytes.Clone(m[:24])
	part[3] = 'C'
	part = append(part, make([]byte, 60000)...)
	binary.LittleEndian.PutUint32(part[4:], uint32(len(part)))
	for i := range uint32(1000) {
		binary.LittleEndian.PutUint32(part[16:], binary.LittleEndian.Uint32(m[16:])+i)
		binary.LittleEndian.PutUint32(part[20:], 1<<20+i%50)
		if !send(p.client, part) {
			return false
		}
	}
	return true
}
