package config

import (
	"slices"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// Influx is the options of a sink of type influxdb.
type Influx struct {
	Org, Bucket string
	Token       source.Secret
	Username    string
	Password    source.Secret
	Layout      string // wide narrow
	Gzip        bool
	Precision   mapping.Precision
	Unsigned    bool
	Integers    bool
}

func influxKind() sinkKind {
	return sinkKind{
		name:    "influxdb",
		keys:    []string{"url", "tls", "org", "bucket", "token", "username", "password", "layout", "gzip", "precision", "unsigned", "integers"},
		schemes: []string{"http", "https"},
		read:    readInflux,
		fields: func(sink *Sink) (fieldRules, bool) {
			return fieldRules{sink.Influx.Unsigned, sink.Influx.Integers}, sink.Influx.Layout == "wide"
		},
		check: checkPrecision,
	}
}

// readInflux reads what only sinks of type influxdb have.
func readInflux(s *source.Section, k *sinkKind, sink *Sink, _ *Bridge) {
	address, user, password, encrypted := sinkURL(s, k)
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
	in.Precision, _ = mapping.ParsePrecision(s.OneOf("precision", precisionNames()...)) // which is one of them
	in.Unsigned = s.Bool("unsigned", false)
	in.Integers = s.Bool("integers", false)
	switch {
	case in.Bucket == "" && !s.Value("bucket").Bad:
		s.Problemf("bucket", "%s has no bucket (InfluxDB 1.8: database/retention-policy)", s.What)
	case in.Token != "" && in.Username != "":
		s.Problemf("token", "token and username together: InfluxDB 2 takes a token, InfluxDB 1.8 username and password")
	case in.Org == "" && in.Username == "" && !strings.Contains(in.Bucket, "/") && !s.Value("org").Bad:
		s.Warnf("bucket", "no org: InfluxDB 2 needs one; for InfluxDB 1.8 write bucket as database/retention-policy")
	}
}

// precisionNames are those of all precisions, the default first.
func precisionNames() []string {
	def := mapping.Milliseconds
	return append([]string{def.String()}, slices.DeleteFunc(slices.Clone(mapping.PrecisionNames), func(name string) bool { return name == def.String() })...)
}

// checkPrecision warns of periods so short that their times, cut to the sink's precision, say little or even coincide.
func checkPrecision(c *checker, r *readSink) {
	unit := r.Influx.Precision.Unit()
	for i := range c.devices {
		dev := &c.devices[i]
		if dev.list.Fastest > 10*unit || len(dev.Tags) == 0 {
			continue
		}
		for _, t := range dev.Tags {
			if t.Poll <= 10*unit && r.gets(dev, t) {
				r.s.Warnf("precision", "precision %q: device %s is read every %s, which it makes coarse; choose a finer one",
					r.Influx.Precision, dev.Name, source.ShowDuration(t.Poll))
				return
			}
		}
	}
}
