//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMQTTClouds runs the sinks of the examples against brokers that ask for what the clouds ask for: Mosquitto, behind a
// door of our own where it cannot ask for that itself.
func TestMQTTClouds(t *testing.T) {
	const secure = "\ncertfile server.pem\nkeyfile server.key"
	for _, c := range []struct {
		example, options string
		door             func(t *testing.T, dir string, port int) int
	}{
		{"aws-iot-core", "allow_anonymous true", awsDoor},
		{"azure-event-grid", "allow_anonymous true\ncafile ca.pem\nrequire_certificate true" + secure, nil},
		{"azure-iot-hub", "allow_anonymous true", hubDoor},
		{"hivemq", "allow_anonymous false\npassword_file passwords" + secure, nil},
		{"emqx", "allow_anonymous false\npassword_file passwords" + secure, nil},
	} {
		t.Run(c.example, func(t *testing.T) {
			dir := t.TempDir()
			m := startMosquitto(t, dir, prepareBroker(t, dir, c.options))
			port := m.port
			if c.door != nil {
				port = c.door(t, dir, port)
			}
			cloudSecrets(t, dir)
			w := m.watch()
			b := run(t, dir, movingDevice(t, dir), exampleSinks(t, c.example, port))
			await(t, "ten polls", func() bool { return b.steps() >= 10 })
			w.wantValues(t, b.stop())
		})
	}
}

// exampleSinks are the sinks of an example, its broker at a port of loopback.
func exampleSinks(t *testing.T, name string, port int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "configs", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, sinks, found := strings.Cut(string(text), "\nsinks:\n")
	address := regexp.MustCompile(`url: mqtts://[^\s]+`)
	if !found || !address.MatchString(sinks) {
		t.Fatalf("no sink in the example %s", name)
	}
	return address.ReplaceAllString(sinks, fmt.Sprintf("url: mqtts://127.0.0.1:%d", port))
}

const hubKey = "dGhlIGtleSBvZiBhIGRldmljZQ=="

// cloudSecrets puts everything where the examples look for it.
func cloudSecrets(t *testing.T, dir string) {
	t.Helper()
	for example, ours := range map[string]string{
		"AmazonRootCA1.pem": "ca.pem", "certificate.pem.crt": "client.pem", "private.pem.key": "client.key",
	} {
		text, err := os.ReadFile(filepath.Join(dir, ours))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, example), string(text))
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "ca.pem")) // the authorities of the system
	t.Setenv("MQTT_PASSWORD", "secret")
	t.Setenv("IOT_HUB_KEY", hubKey)
}

// wantValues wants every value that was read to have been heard, alone or among those of its poll.
func (w *watcher) wantValues(t *testing.T, read []sample) {
	t.Helper()
	type message struct { // of either format
		Time   time.Time                  `json:"time"`
		Device string                     `json:"device"`
		Tag    string                     `json:"tag"`
		Value  json.RawMessage            `json:"value"`
		Values map[string]json.RawMessage `json:"values"`
	}
	heard := func() map[string]string {
		values := map[string]string{}
		for _, p := range w.on("") {
			var m message
			if json.Unmarshal([]byte(p), &m) != nil {
				continue // the state
			}
			if m.Values == nil {
				m.Values = map[string]json.RawMessage{m.Tag: m.Value}
			}
			for tag, v := range m.Values {
				values[(&sample{Device: m.Device, Tag: tag, Time: m.Time}).key()] = string(v)
			}
		}
		return values
	}
	read = ofTags(read)
	await(t, "the last value", func() bool {
		values := heard()
		for i := range read {
			if _, ok := values[read[i].key()]; !ok {
				return false
			}
		}
		return true
	})
	values := heard()
	for i := range read {
		if got := values[read[i].key()]; got != string(read[i].Value) {
			t.Errorf("heard %s for %+v", got, read[i])
		}
	}
}

// awsDoor lets those in who ask for MQTT in the handshake and show a certificate.
func awsDoor(t *testing.T, dir string, port int) int {
	config := doorConfig(t, dir)
	config.ClientAuth, config.NextProtos = tls.RequireAndVerifyClientCert, []string{"x-amzn-mqtt-ca"}
	return openDoor(t, config, port, func(c *tls.Conn, in *bufio.Reader) error {
		if p := c.ConnectionState().NegotiatedProtocol; p != "x-amzn-mqtt-ca" {
			return fmt.Errorf("protocol %q", p)
		}
		return nil
	})
}

// hubDoor lets those in whose password is a shared access signature that is good now.
func hubDoor(t *testing.T, dir string, port int) int {
	return openDoor(t, doorConfig(t, dir), port, func(_ *tls.Conn, in *bufio.Reader) error {
		head, err := in.Peek(5)
		if err != nil {
			return err
		}
		n, size := binary.Uvarint(head[1:])
		packet, err := in.Peek(1 + size + int(n))
		if err != nil {
			return err
		}
		return checkHubLogin(packet[1+size:])
	})
}

// checkHubLogin looks at a CONNECT packet of MQTT 3.1.1 without a will.
func checkHubLogin(body []byte) error {
	if body[6] != 4 || body[7] != 0xC2 {
		return fmt.Errorf("version %d, flags %#x", body[6], body[7])
	}
	var fields []string
	for rest := body[10:]; len(rest) > 0; {
		n := 2 + int(binary.BigEndian.Uint16(rest))
		fields, rest = append(fields, string(rest[2:n])), rest[n:]
	}
	id, user, password := fields[0], fields[1], fields[2]
	if id != "line-3" || user != "127.0.0.1/line-3/?api-version=2021-04-12" {
		return fmt.Errorf("client %q, user %q", id, user)
	}
	token, err := url.ParseQuery(strings.TrimPrefix(password, "SharedAccessSignature "))
	if err != nil {
		return err
	}
	expiry, err := strconv.ParseInt(token.Get("se"), 10, 64)
	if err != nil || time.Until(time.Unix(expiry, 0)) < time.Minute || token.Get("sr") != "127.0.0.1/devices/line-3" {
		return fmt.Errorf("token %v", token)
	}
	key, err := base64.StdEncoding.DecodeString(hubKey)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%d", url.QueryEscape(token.Get("sr")), expiry)
	if sig, err := base64.StdEncoding.DecodeString(token.Get("sig")); err != nil || !bytes.Equal(sig, mac.Sum(nil)) {
		return fmt.Errorf("signature %q", token.Get("sig"))
	}
	return nil
}

func doorConfig(t *testing.T, dir string) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	ca, _ := readCA(t, dir)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool}
}

// openDoor listens with TLS and carries those on to a port whom check lets in.
func openDoor(t *testing.T, config *tls.Config, port int, check func(*tls.Conn, *bufio.Reader) error) int {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	enter := func(c net.Conn) {
		defer c.Close()
		in := bufio.NewReader(c)
		if err := c.(*tls.Conn).Handshake(); err != nil {
			t.Errorf("handshake: %v", err)
			return
		}
		if err := check(c.(*tls.Conn), in); err != nil {
			t.Errorf("not let in: %v", err)
			return
		}
		broker, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return
		}
		defer broker.Close()
		all.Go(func() {
			io.Copy(c, broker)
			c.Close()
		})
		io.Copy(broker, in)
	}
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { enter(c) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		all.Wait()
	})
	return ln.Addr().(*net.TCPAddr).Port
}
