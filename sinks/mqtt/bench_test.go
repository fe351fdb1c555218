package mqtt

import (
	"io"
	"log/slog"
	"net"
	"testing"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

// embedded starts an embedded broker and returns its address.
func embedded(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := mochi.New(&mochi.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := s.AddHook(new(auth.AllowHook), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.AddListener(listeners.NewNet("test", ln)); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return ln.Addr().String()
}

// BenchmarkSend counts messages and samples to an embedded broker.
func BenchmarkSend(b *testing.B) {
	for _, c := range []struct{ name, version, format, topic string }{
		{"5/json", "5", "json", "plant/{bridge}/{device}/{tag}"},
		{"3.1.1/json", "3.1.1", "json", "plant/{bridge}/{device}/{tag}"},
		{"5/batch", "5", "batch", "plant/{bridge}/{device}"},
		{"3.1.1/batch", "3.1.1", "batch", "plant/{bridge}/{device}"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := open(b, embedded(b), func(o *Options) { o.Version, o.Format, o.Topic = c.version, c.format, topic(c.topic) })
			v := polls(plant("boiler", 100), 50)
			b.ReportAllocs()
			sent := 0
			for b.Loop() {
				n, err := s.Send(b.Context(), v)
				if err != nil {
					b.Fatal(err)
				}
				sent += n
			}
			b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "samples/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
