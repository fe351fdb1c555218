package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/testrig/natsd"
)

const beatsOnly = `
authorization { users: [ { user: u, password: pass-1, permissions: { publish: ["tagbridge.*.beat.*"], subscribe: ["tagbridge.*.beat.*"] } } ] }`

const noCreate = `
authorization { users: [ { user: u, password: pass-1, permissions: {
	publish: ["tagbridge.*.beat.*", "$JS.API.INFO", "$JS.API.STREAM.INFO.*"], subscribe: ["tagbridge.*.beat.*", "tagbridge.*.inbox.>"] } } ] }`

const noAccount = `
accounts { A: { users: [ { user: u, password: pass-1 } ] }, B: { jetstream: enabled } }`

// TestSaid has each reason for which nothing can be stored be said in words.
func TestSaid(t *testing.T) {
	for _, c := range []struct {
		name    string
		servers func(t *testing.T) []*natsd.Server
		want    string
	}{
		{"no JetStream", func(t *testing.T) []*natsd.Server { return []*natsd.Server{natsd.Plain(t, "")} }, "there is no JetStream: add"},
		{"account", func(t *testing.T) []*natsd.Server { return []*natsd.Server{natsd.New(t, noAccount)} }, "off for the account"},
		{"rights", func(t *testing.T) []*natsd.Server { return []*natsd.Server{natsd.New(t, beatsOnly)} }, "not allowed: "},
		{"three alone", func(t *testing.T) []*natsd.Server {
			return []*natsd.Server{natsd.New(t, ""), natsd.New(t, ""), natsd.New(t, "")}
		}, "are not one NATS cluster"},
		{"no quorum", func(t *testing.T) []*natsd.Server {
			list := natsd.Cluster(t, 3)
			list[1].Kill()
			list[2].Kill()
			return list
		}, "most of the servers"},
		{"frozen", func(t *testing.T) []*natsd.Server {
			s := natsd.New(t, "")
			if err := s.Freeze(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Thaw() })
			return []*natsd.Server{s}
		}, "does not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Username: "u", Password: "pass-1"}, c.servers(t)...)
			await(t, c.want, func() bool { return strings.Contains(s.State().Error, c.want) || s.Current() != nil })
			if s.Current() != nil {
				t.Fatalf("there is a link, and %+v", s.State())
			}
			t.Log(s.State().Error)
		})
	}
}

// TestNotAllowed has an operation that is not allowed be told from one that gets no answer.
func TestNotAllowed(t *testing.T) {
	s := start(t, Options{Username: "u", Password: "pass-1"}, natsd.New(t, noCreate))
	await(t, "it is told", func() bool {
		_, err := link(t, s).Bucket(within(t, 2*time.Second), jetstream.KeyValueConfig{Bucket: Claims("line 3"), MaxBytes: 1 << 20})
		return err != nil && strings.Contains(err.Error(), "not allowed") && strings.Contains(err.Error(), "STREAM.CREATE")
	})
}

// TestFull has a bucket that takes no more say so.
func TestFull(t *testing.T) {
	s := start(t, Options{}, natsd.New(t, ""))
	l, kv := bucket(t, s)
	value := make([]byte, 100<<10)
	var err error
	for i := 0; i < 20 && err == nil; i++ {
		_, err = kv.Put(within(t, time.Minute), Key(fmt.Sprint(i)), value)
	}
	if !Full(err) || !Full(l.Why(err, "claims")) || !strings.Contains(l.Why(err, "claims").Error(), "no room for claims") {
		t.Errorf("a full bucket: %v", l.Why(err, "claims"))
	}
}
