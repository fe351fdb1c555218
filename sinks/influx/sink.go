package influx

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	api "github.com/influxdata/influxdb-client-go/v2/api/http"

	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// Sink writes to one bucket over one connection.
type Sink struct {
	service api.Service
	client  *http.Client
	url     string
	timeout time.Duration
	fault   faults
	line    *encode.Line
	gzip    bool
	body    body
}

// Open makes a sink; it reads the files of o.TLS and does not connect yet.
func Open(o Options) (*Sink, error) {
	target, token, err := o.target()
	if err != nil {
		return nil, err
	}
	precision, ok := precisions[o.Precision]
	if !ok {
		return nil, fmt.Errorf("influxdb: precision %q is not one of ns us ms s", o.Precision)
	}
	tlsConfig, err := o.TLS.Config()
	if err != nil {
		return nil, fmt.Errorf("influxdb: %w", err)
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	_, password, _ := strings.Cut(token, ":")
	s := &Sink{
		client:  newClient(tlsConfig),
		timeout: o.Timeout,
		fault:   faults{host: target.Host, secrets: hidden(token, password, o.Password)},
		line:    encode.NewLine(encode.LineOptions{Narrow: o.Narrow, Precision: precision, Unsigned: o.Unsigned}),
		gzip:    o.Gzip,
	}
	options := influxdb2.DefaultOptions().SetLogLevel(0).SetApplicationName("tagbridge")
	options.HTTPOptions().SetHTTPDoer(doer{s.client})
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
	if unfit := s.line.Unfit(v.Batches); unfit != nil {
		return v.Len(), &sinks.Unfit{Places: unfit, Err: errTooBig}
	}
	return v.Len(), nil
}

var errTooBig = errors.New("influxdb: an unsigned integer over 2^63-1 needs the option unsigned")

func (s *Sink) post(ctx context.Context, v *sinks.View) error {
	s.body.encode(s.line, v, s.gzip)
	if s.body.size() == 0 {
		return nil // nothing of v has anything to say in line protocol
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	reader := s.body.reader()
	defer reader.release()
	failed := s.service.DoPostRequest(ctx, s.url, reader, func(r *http.Request) {
		r.ContentLength = int64(s.body.size())
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
		if s.gzip {
			r.Header.Set("Content-Encoding", "gzip")
		}
	}, taken)
	if failed == nil {
		return nil
	}
	fault := s.fault.of(failed, time.Now())
	if fault.Action == sinks.Refuse && allTooOld(failed.Message+failed.Header.Get("X-Influxdb-Error"), s.body.text) {
		fault.Refused = v.Len()
	}
	return fault
}

// Close implements sinks.Sink.
func (s *Sink) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
