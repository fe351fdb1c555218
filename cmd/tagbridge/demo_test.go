package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// screen is what a verb prints, for whoever looks at it meanwhile.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until pattern is on the screen and returns what its groups match.
func (s *screen) await(t *testing.T, pattern string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(s.String()); m != nil {
			return m
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %q:\n%s", pattern, s)
		}
	}
}

// TestDemo runs the demo where its ports are taken, hears its values, and stops and starts its parts.
func TestDemo(t *testing.T) {
	for _, port := range []string{"1883", "8080", "15020", "15021", "15022"} {
		if ln, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil { // else it is taken already
			t.Cleanup(func() { ln.Close() })
		}
	}
	in, typist := io.Pipe()
	var out, complaints screen
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, []string{"demo"}, streams{in: in, out: &out, err: &complaints}) }()
	t.Cleanup(func() {
		cancel()
		typist.Close()
		if status := <-ended; status != exitOK {
			t.Errorf("the demo ended with status %d:\n%s", status, &complaints)
		}
	})
	broker := complaints.await(t, `mosquitto_sub -h (\S+) -p (\d+) -v -t '(\S+)'`)
	control := complaints.await(t, `curl -X POST (http://\S+)/stop/NAME`)[1]
	hear(t, net.JoinHostPort(broker[1], broker[2]), broker[3])
	out.await(t, `Z,boiler-house,boiler,`)

	io.WriteString(typist, "stop broker\n")
	complaints.await(t, `sink offline`)
	io.WriteString(typist, "start broker\n")
	complaints.await(t, `sink online.*outage`)
	io.WriteString(typist, "help\nstop nothing\n")
	complaints.await(t, `no device nothing: say: stop NAME`)
	reply, err := http.Post(control+"/stop/boiler", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	complaints.await(t, `device offline.*device=boiler`)
	io.WriteString(typist, "start boiler\n")
	complaints.await(t, `device online.*device=boiler.*outage`)
	io.WriteString(typist, "stop heat-pump\n")
	complaints.await(t, `device offline.*device=heat-pump`)
	io.WriteString(typist, "start heat-pump\n")
	complaints.await(t, `device online.*device=heat-pump.*outage`)
}

// hear subscribes and waits for a value.
func hear(t *testing.T, address, topic string) {
	t.Helper()
	heard := make(chan paho.Message, 1000)
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + address).SetAutoReconnect(false))
	if token := c.Connect(); !token.WaitTimeout(10*time.Second) || token.Error() != nil {
		t.Fatalf("connect: %v", token.Error())
	}
	defer c.Disconnect(0)
	token := c.Subscribe(topic, 1, func(_ paho.Client, m paho.Message) {
		select {
		case heard <- m:
		default:
		}
	})
	if !token.WaitTimeout(10*time.Second) || token.Error() != nil {
		t.Fatalf("subscribe: %v", token.Error())
	}
	for {
		select {
		case m := <-heard:
			if strings.HasSuffix(m.Topic(), "/_state") {
				continue
			}
			var sample struct{ Device, Tag, Quality string }
			if err := json.Unmarshal(m.Payload(), &sample); err != nil || m.Topic() != "plant/boiler-house/"+sample.Device+"/"+sample.Tag {
				t.Errorf("heard %s on %s: %v", m.Payload(), m.Topic(), err)
			}
			return
		case <-time.After(2 * time.Minute):
			t.Fatal("nothing heard")
		}
	}
}
