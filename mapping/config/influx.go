package config

import "strings"

// readInflux reads what only sinks of type influxdb have.
func readInflux(s *section, sink *Sink) {
	address, user, password, encrypted := sinkURL(s, "http", "https")
	for _, path := range []string{"/api/v2", "/api/v2/write", "/write", "/query"} {
		if strings.HasSuffix(strings.TrimRight(address, "/"), path) {
			readURL(s).problemf("leave %s out: it is added when it is needed", path)
			break
		}
	}
	sink.URL = Secret(address)
	sink.TLS = readTLS(s, encrypted, "https://")
	in := &sink.Influx
	in.Org, in.Bucket, in.Token = s.text("org", ""), s.text("bucket", ""), s.secret("token")
	in.Username, in.Password = login(s, user, password)
	in.Layout = s.oneOf("layout", "wide", "narrow")
	in.Gzip = s.bool("gzip", true)
	in.Precision = s.oneOf("precision", "ms", "ns", "us", "s")
	in.Unsigned = s.bool("unsigned", false)
	switch {
	case in.Bucket == "" && !s.value("bucket").bad:
		s.problemf("bucket", "%s has no bucket (InfluxDB 1.8: database/retention-policy)", s.what)
	case in.Token != "" && in.Username != "":
		s.problemf("token", "token and username together: InfluxDB 2 takes a token, InfluxDB 1.8 username and password")
	case in.Org == "" && in.Username == "" && !strings.Contains(in.Bucket, "/") && !s.value("org").bad:
		s.warnf("bucket", "no org: InfluxDB 2 needs one; for InfluxDB 1.8 write bucket as database/retention-policy")
	}
}
