package config

import (
	"strings"

	"tagbridge/mapping/source"
)

// readInflux reads what only sinks of type influxdb have.
func readInflux(s *source.Section, sink *Sink) {
	address, user, password, encrypted := sinkURL(s, "http", "https")
	for _, path := range []string{"/api/v2", "/api/v2/write", "/write", "/query"} {
		if strings.HasSuffix(strings.TrimRight(address, "/"), path) {
			readURL(s).Problemf("leave %s out: it is added when it is needed", path)
			break
		}
	}
	sink.URL = source.Secret(address)
	sink.TLS = readTLS(s, encrypted, "https://")
	in := &sink.Influx
	in.Org, in.Bucket, in.Token = s.Text("org", ""), s.Text("bucket", ""), s.Secret("token")
	in.Username, in.Password = login(s, user, password)
	in.Layout = s.OneOf("layout", "wide", "narrow")
	in.Gzip = s.Bool("gzip", true)
	in.Precision = s.OneOf("precision", "ms", "ns", "us", "s")
	in.Unsigned = s.Bool("unsigned", false)
	switch {
	case in.Bucket == "" && !s.Value("bucket").Bad:
		s.Problemf("bucket", "%s has no bucket (InfluxDB 1.8: database/retention-policy)", s.What)
	case in.Token != "" && in.Username != "":
		s.Problemf("token", "token and username together: InfluxDB 2 takes a token, InfluxDB 1.8 username and password")
	case in.Org == "" && in.Username == "" && !strings.Contains(in.Bucket, "/") && !s.Value("org").Bad:
		s.Warnf("bucket", "no org: InfluxDB 2 needs one; for InfluxDB 1.8 write bucket as database/retention-policy")
	}
}
