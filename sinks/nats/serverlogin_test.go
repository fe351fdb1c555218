package nats

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/testrig"
	"tagbridge/testrig/natsd"
)

// user is a new user: its public key, and its seed.
func user(t testing.TB) (public, seed string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := pair.Seed() // of a pair that was just made
	public, _ = pair.PublicKey()
	return public, string(secret)
}

// TestLogins tries each way to log in, and what a server denies.
func TestLogins(t *testing.T) {
	public, seed := user(t)
	_, stranger := user(t)
	server := natsd.New(t, fmt.Sprintf(`authorization { users: [
  { user: admin, password: admin }
  { user: line-3, password: hunter2, permissions: { publish: "plant.>", subscribe: "_INBOX.>" } }
  { user: mute, password: hunter2, permissions: { publish: "other.>", subscribe: "_INBOX.>" } }
  { user: deaf, password: hunter2, permissions: { publish: "plant.>", subscribe: "other.>" } }
  { nkey: %s }
] }
`, public))
	stream(t, admin(t, []nats.Option{nats.UserInfo("admin", "admin")}, server), jetstream.StreamConfig{})
	for _, c := range []struct {
		name   string
		change func(o *Options)
		want   string // "": it works
	}{
		{"password", func(o *Options) { o.Username, o.Password = "line-3", "hunter2" }, ""},
		{"in url", func(o *Options) { o.URLs = []string{"nats://line-3:hunter2@" + server.Address} }, ""},
		{"nkey", func(o *Options) { o.NKey = seed }, ""},
		{"none", func(o *Options) {}, "authorization violation; check username and password"},
		{"wrong password", func(o *Options) { o.Username, o.Password = "line-3", "hunter3" }, "authorization violation"},
		{"wrong nkey", func(o *Options) { o.NKey = stranger }, "authorization violation"},
		{"may not publish", func(o *Options) { o.Username, o.Password = "mute", "hunter2" }, "let this user publish there"},
		{"may not listen", func(o *Options) { o.Username, o.Password = "deaf", "hunter2" }, "allowed to subscribe to that"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, c.change, server.Address)
			n, err := s.Send(patience(t), polls(plant("p", 1), 1, 0))
			if c.want == "" {
				if n != 1 || err != nil {
					t.Errorf("Send = %d, %v", n, err)
				}
				return
			}
			if f := faultOf(t, err); f.Action != sinks.Hold || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Send: %v, want %q", err, c.want)
			}
			for _, secret := range []string{"hunter", seed, stranger} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error %q shows a secret", err)
				}
			}
		})
	}
}

// TestCredentials logs in with a JWT. The account has no stream, and the server says so once the login is through.
func TestCredentials(t *testing.T) {
	operator, _ := nkeys.CreateOperator()
	account, _ := nkeys.CreateAccount()
	system, _ := nkeys.CreateAccount()
	public, seed := user(t)
	of := func(pair nkeys.KeyPair) string { key, _ := pair.PublicKey(); return key }
	encode := func(c interface {
		Encode(nkeys.KeyPair) (string, error)
	}, by nkeys.KeyPair) string {
		text, err := c.Encode(by)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	server := natsd.New(t, fmt.Sprintf("operator: %s\nsystem_account: %s\nresolver: MEMORY\nresolver_preload: {\n %s: %s\n %s: %s\n}\n",
		encode(jwt.NewOperatorClaims(of(operator)), operator), of(system), of(system), encode(jwt.NewAccountClaims(of(system)), operator),
		of(account), encode(jwt.NewAccountClaims(of(account)), operator)))
	text, err := jwt.FormatUserConfig(encode(jwt.NewUserClaims(public), account), []byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, func(o *Options) { o.Credentials = string(text) }, server.Address)
	_, err = s.Send(patience(t), polls(plant("p", 1), 1, 0))
	if f := faultOf(t, err); f.Action != sinks.Hold || !strings.Contains(err.Error(), "no stream takes this subject") {
		t.Errorf("Send: %v", err)
	}
	for _, broken := range []string{"hunter2", strings.Split(string(text), "-----BEGIN USER")[0]} {
		if _, err := Open(Options{URLs: []string{"nats://h:1"}, Subject: subject("x"), Credentials: broken}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("credentials %.20q…: %v", broken, err)
		}
	}
	if _, err := Open(Options{URLs: []string{"nats://h:1"}, Subject: subject("x"), NKey: "SUhunter2"}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("nkey: %v", err)
	}
}

// TestTLS connects to servers that want TLS, in each way in which they do.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	testrig.Certificate(t, dir)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	stranger := t.TempDir()
	testrig.Certificate(t, stranger)
	block := fmt.Sprintf("cert_file: %q, key_file: %q", cert, key)
	trust := func(o *Options) { o.TLS.CA = cert }
	own := func(o *Options) { o.TLS = secure.TLS{CA: cert, Certificate: cert, Key: key} }
	for _, c := range []struct {
		name, config string
		change       func(o *Options)
		want         string // "": it works
	}{
		{"trusted", "tls { " + block + " }\n", trust, ""},
		{"first", "tls { " + block + ", handshake_first: true }\n", trust, ""},
		{"auto", "tls { " + block + ", handshake_first: auto }\n", trust, ""},
		{"client", "tls { " + block + fmt.Sprintf(", ca_file: %q, verify: true }\n", cert), own, ""},
		{"no client", "tls { " + block + fmt.Sprintf(", ca_file: %q, verify: true }\n", cert), trust, "does it want a certificate of ours"},
		{"untrusted", "tls { " + block + " }\n", func(o *Options) { o.TLS.CA = filepath.Join(stranger, "cert.pem") }, "tls.ca"},
		{"insecure", "tls { " + block + " }\n", func(o *Options) { o.TLS.Insecure = true }, ""},
		{"none", "", trust, "the server has no TLS"},
		{"plain", "tls { " + block + " }\n", func(o *Options) { o.URLs[0] = strings.Replace(o.URLs[0], "tls:", "nats:", 1) }, "begin the url with tls://"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := natsd.New(t, c.config)
			s := open(t, func(o *Options) {
				o.URLs = []string{"tls://" + server.Address}
				c.change(o)
			})
			_, err := s.Send(patience(t), polls(plant("p", 1), 1, 0))
			want, f := c.want, faultOf(t, err) // there is no stream
			if want == "" {
				want = "no stream takes this subject"
			}
			if f.Action != sinks.Hold || !strings.Contains(err.Error(), want) {
				t.Errorf("Send: %v, want %q", err, want)
			}
		})
	}
}
