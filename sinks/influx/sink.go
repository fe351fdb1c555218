package influx

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	api "github.com/influxdata/influxdb-client-go/v2/api/http"

	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// Sink writes to one bucket over one connection.
type Sink struct {
	service api.Service
	client  *http.Client
	url     string
	timeout time.Duration // without progress
	line    *line
	fault   faults
	encoder *encode.Line
	gzip    bool
	body    body
}

// Open makes a sink; it reads the files of o.TLS and does not connect yet.
func Open(o Options) (*Sink, error) {
	target, token, err := o.target()
	if err != nil {
		return nil, err
	}
	tlsConfig, err := o.TLS.Config()
	if err != nil {
		return nil, fmt.Errorf("influxdb: %w", err)
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	_, password, _ := strings.Cut(token, ":")
	line, witness := new(line), new(secure.Witness)
	s := &Sink{
		client:  newClient(tlsConfig, witness, line),
		line:    line,
		timeout: o.Timeout,
		fault:   faults{host: target.Host, tls: witness, secrets: hidden(token, password, o.Password)},
		encoder: encode.NewLine(encode.LineOptions{Narrow: o.Narrow, Precision: o.Precision.Unit(), Unsigned: o.Unsigned, Integers: o.Integers}),
		gzip:    o.Gzip,
	}
	options := influxdb2.DefaultOptions().SetLogLevel(0).SetApplicationName("tagbridge")
	options.HTTPOptions().SetHTTPDoer(s.client)
	s.service = influxdb2.NewClientWithOptions(target.String(), token, options).HTTPService()
	if o.Token == "" && strings.Contains(token, " ") {
		// InfluxDB 1.8 reads "Token user:password" up to a blank only.
		s.service.SetAuthorization("Basic " + base64.StdEncoding.EncodeToString([]byte(token)))
	}
	s.url = s.service.ServerAPIURL() + "write?" + o.query()
	return s, nil
}

// hidden is what must not be shown: the secrets, and how the header of HTTP's basic scheme has them.
func hidden(secrets ...string) []string {
	return append(secrets, base64.StdEncoding.EncodeToString([]byte(secrets[0])))
}

// Send implements sinks.Sink: it posts v as one request, without the samples that line protocol cannot hold.
func (s *Sink) Send(ctx context.Context, v *sinks.View) (int, error) {
	if err := s.post(ctx, v); err != nil {
		return 0, err
	}
	if unfit := s.encoder.Unfit(v.Batches); unfit != nil {
		return v.Len(), &sinks.Unfit{Places: unfit, Err: errTooBig}
	}
	return v.Len(), nil
}

var errTooBig = errors.New("influxdb: an unsigned integer over 2^63-1 needs the option unsigned")

func (s *Sink) post(ctx context.Context, v *sinks.View) error {
	s.body.encode(s.encoder, v, s.gzip)
	if s.body.size() == 0 {
		return nil // nothing of v has anything to say in line protocol
	}
	content := s.body.reader()
	defer content.release()
	a, err := s.exchange(ctx, content, v.Moved)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return s.fault.lost(err, sent{v.Len(), content.out(), s.body.size()})
	case a.taken():
		return nil
	}
	return s.fault.of(a, v.Len(), s.body.text, time.Now())
}

// exchange makes a request of content and returns what is answered. It ends when nothing moves any more.
func (s *Sink) exchange(ctx context.Context, content *reader, moved func()) (*answer, error) {
	ctx, end := context.WithCancelCause(ctx)
	var watcher sync.WaitGroup
	defer watcher.Wait()
	defer end(nil)
	watcher.Go(func() { s.line.watch(ctx, end, s.timeout, moved) })
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, content)
	if err != nil {
		return nil, err
	}
	r.ContentLength = int64(s.body.size())
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	if s.gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	reply, err := s.service.DoHTTPRequestWithResponse(r, nil)
	if err != nil {
		if errors.Is(context.Cause(ctx), errSilent) {
			return nil, errSilent
		}
		return nil, err
	}
	s.fault.tls.Heard()
	return readAnswer(reply), nil
}

// Close implements sinks.Sink.
func (s *Sink) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
