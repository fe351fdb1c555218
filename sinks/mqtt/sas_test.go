package mqtt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSAS checks a token as the hub does: the signature over the resource and the expiry.
func TestSAS(t *testing.T) {
	s, err := newSAS("hub.azure-devices.net", "line 3", "c2VjcmV0IGtleQ==")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1767323045, 0)
	password, renew := s.token(now)
	fields, err := url.ParseQuery(strings.TrimPrefix(password, "SharedAccessSignature "))
	if err != nil {
		t.Fatal(err)
	}
	if sr := fields.Get("sr"); sr != "hub.azure-devices.net/devices/line 3" {
		t.Errorf("resource %q", sr)
	}
	expiry, _ := strconv.ParseInt(fields.Get("se"), 10, 64)
	if life := time.Unix(expiry, 0).Sub(now); life != time.Hour || !renew.Before(time.Unix(expiry, 0)) || !renew.After(now) {
		t.Errorf("lives %s, is renewed at %s", life, renew)
	}
	mac := hmac.New(sha256.New, []byte("secret key"))
	mac.Write([]byte("hub.azure-devices.net%2Fdevices%2Fline+3\n" + fields.Get("se")))
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); fields.Get("sig") != want {
		t.Errorf("signature %q, want %q", fields.Get("sig"), want)
	}
	if name := s.username(); name != "hub.azure-devices.net/line 3/?api-version=2021-04-12" {
		t.Errorf("user name %q", name)
	}
	if _, err := newSAS("h", "d", "hunter2!"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a key that is none: %v", err)
	}
}

// TestSASIsRenewed has the token grow old: the next values go over a new connection with a new password.
func TestSASIsRenewed(t *testing.T) {
	f := newFake(t)
	s := open(t, f.addr(), func(o *Options) { o.Version, o.SASKey = "3.1.1", "c2VjcmV0IGtleQ==" })
	v := polls(plant("p", 1), 1)
	for range 2 {
		if _, err := s.Send(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	if s.renew = time.Now().Add(-time.Second); s.session == nil {
		t.Fatal("not connected")
	}
	if _, err := s.Send(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.connects) != 2 || f.goodbyes != 1 || !strings.Contains(string(f.connects[1]), "SharedAccessSignature sr=127.0.0.1%2Fdevices%2Ftest&sig=") {
		t.Errorf("%d connections, %d farewells, the last %q", len(f.connects), f.goodbyes, f.connects[len(f.connects)-1])
	}
}
