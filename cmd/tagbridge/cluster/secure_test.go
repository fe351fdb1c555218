package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping/secure"
	"tagbridge/testrig/natsd"
)

// TestTLS has members share by servers that want certificates of them, one with the handshake first, and one whose certificate is not
// good say so, and take part as soon as it has been renewed.
func TestTLS(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	tomorrow := time.Now().Add(time.Hour)
	for _, name := range []string{"server", "pc-a", "pc-b"} {
		a.issue(name, tomorrow)
	}
	stranger.issue("pc-b", tomorrow)
	block := fmt.Sprintf("cert_file: %q, key_file: %q, ca_file: %q, verify: true", a.file("server.pem"), a.file("server.key"), a.file("ca.pem"))
	p := newPlant(t, 6,
		natsd.New(t, "tls { "+block+" }\n"), natsd.New(t, "tls { "+block+", handshake_first: true }\n"), natsd.New(t, "tls { "+block+", handshake_first: auto }\n"))
	for i := range p.o.URLs {
		p.o.URLs[i] = strings.Replace(p.o.URLs[i], "nats:", "tls:", 1)
	}
	p.o.Stop = true
	own := func(name string) func(*Options) {
		return func(o *Options) {
			o.TLS = secure.TLS{CA: a.file("ca.pem"), Certificate: a.file(name + ".pem"), Key: a.file(name + ".key")}
		}
	}
	first := p.start("pc-a", own("pc-a"))
	p.shared("the first reads all", first)
	second := p.start("pc-b", own("pc-b"))
	p.shared("two share", first, second)
	second.stop()

	a.issue("pc-b", time.Now().Add(-time.Hour))
	expired := p.start("pc-b", own("pc-b"))
	p.refused(expired, "an expired certificate", "certificate")
	a.issue("pc-b", tomorrow)
	p.shared("two share once it is renewed", first, expired)
	expired.stop()

	for what, change := range map[string]struct {
		do   func(*Options)
		want string
	}{
		"a stranger's certificate": {func(o *Options) {
			o.TLS = secure.TLS{CA: a.file("ca.pem"), Certificate: stranger.file("pc-b.pem"), Key: stranger.file("pc-b.key")}
		}, "certificate"},
		"no certificate":                  {func(o *Options) { o.TLS = secure.TLS{CA: a.file("ca.pem")} }, "does it want a certificate of ours"},
		"a server of another authority":   {func(o *Options) { own("pc-b")(o); o.TLS.CA = stranger.file("ca.pem") }, "tls.ca"},
		"a server that has another name":  {func(o *Options) { own("pc-b")(o); o.TLS.ServerName = "nats.plant" }, "nats.plant"},
		"a url that does not say so: tls": {func(o *Options) { own("pc-b")(o); o.URLs = plain(o.URLs) }, "TLS"},
	} {
		m := p.start("pc-b", change.do)
		p.refused(m, what, change.want)
		m.stop()
	}
	p.shared("the first reads all again", first)
}

func plain(urls []string) (list []string) {
	for _, u := range urls {
		list = append(list, strings.Replace(u, "tls:", "nats:", 1))
	}
	return list
}

// refused waits until m says of each server what is wrong, and wants it to read nothing.
func (p *plant) refused(m *pc, what, want string) {
	p.t.Helper()
	p.t.Cleanup(func() {
		if p.t.Failed() {
			p.t.Logf("%s: %+v", what, m.State().Servers)
		}
	})
	await(p.t, what+" is said", func() bool {
		for _, s := range m.State().Servers {
			if s.Up || !strings.Contains(s.Error, want) {
				return false
			}
		}
		return true
	})
	p.t.Logf("%s: %s", what, m.State().Servers[0].Error)
	if m.State().Attached {
		p.t.Errorf("%s: it takes part", what)
	}
}

// TestRights has members with the rights of configs/nats-accounts.conf share, and one that may not speak, or not hear, say so.
func TestRights(t *testing.T) {
	accounts, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "nats-accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	users := "    { user: mute, password: x, permissions: { publish: { deny: \">\" }, subscribe: [\"tagbridge.*.beat.*\"] } }\n" +
		"    { user: deaf, password: x, permissions: { publish: [\"tagbridge.*.beat.*\"], subscribe: { deny: \">\" } } }\n" +
		"    { user: other, password: x, permissions: { publish: [\"plant.>\"], subscribe: [\"tagbridge.line-4.beat.*\"] } }\n  ]\n"
	at := strings.LastIndex(string(accounts), "  ]\n")
	text := string(accounts[:at]) + users + string(accounts[at+len("  ]\n"):])
	p := newPlant(t, 6, natsd.New(t, text), natsd.New(t, text), natsd.New(t, text))
	p.o.Username, p.o.Password = "tagbridge", "change-me"
	a, b := p.start("pc-a", nil), p.start("pc-b", nil)
	p.shared("two share", a, b)
	for user, want := range map[string]string{"mute": "Publish", "deaf": "Subscription", "other": "Subscription", "nobody": "user"} {
		m := p.start("pc-"+user, func(o *Options) { o.Username, o.Password = user, "x" })
		p.refused(m, user, want)
		m.stop()
	}
	p.shared("two share still", a, b)
}
