package convert

import (
	"fmt"
	"net/url"
	"strings"
)

// telegrafOutput is an output that InfluxDB's line protocol goes to. Its secrets are not read.
type telegrafOutput struct {
	URL             string // as older versions have it
	URLs            []string
	Database        string
	RetentionPolicy string `toml:"retention_policy"`
	Username        string
	Organization    string
	Bucket          string
	UintSupport     bool `toml:"influx_uint_support"`
	telegrafTLS
}

// telegrafTLS is how an output trusts and is trusted.
type telegrafTLS struct {
	CA          string `toml:"tls_ca"`
	Certificate string `toml:"tls_cert"`
	Key         string `toml:"tls_key"`
	Insecure    bool   `toml:"insecure_skip_verify"`
}

// of sets what s has of it.
func (o *telegrafTLS) of(s *device) {
	tls := map[string]any{}
	for key, text := range map[string]string{"ca": o.CA, "certificate": o.Certificate, "key": o.Key} {
		if text != "" {
			tls[key] = text
		}
	}
	if o.Insecure {
		tls["insecure"] = true
	}
	if len(tls) > 0 {
		s.set("tls", tls)
	}
}

// sink adds a sink whose name is made of the given one.
func (r *Result) sink(name string) *device {
	if r.sinkNames == nil {
		r.sinkNames = map[string]bool{}
	}
	s := &device{name: unique(r.sinkNames, name)}
	r.sinks = append(r.sinks, s)
	return s
}

// sinksOf makes sinks of the outputs.
func (c *telegrafConf) sinksOf(r *Result, file string) {
	for i := range c.Outputs.InfluxDB {
		c.Outputs.InfluxDB[i].convert(r, fmt.Sprintf("%s: outputs.influxdb %d", file, i+1), "influxdb", true)
	}
	for i := range c.Outputs.InfluxDBV2 {
		c.Outputs.InfluxDBV2[i].convert(r, fmt.Sprintf("%s: outputs.influxdb_v2 %d", file, i+1), "influxdb", false)
	}
	for i := range c.Outputs.MQTT {
		c.Outputs.MQTT[i].convert(r, fmt.Sprintf("%s: outputs.mqtt %d", file, i+1))
	}
	for i := range c.Outputs.File {
		c.Outputs.File[i].convert(r, fmt.Sprintf("%s: outputs.file %d", file, i+1))
	}
	r.sees = true
}

func (o *telegrafOutput) convert(r *Result, row, name string, old bool) {
	address := first(o.URL, "http://127.0.0.1:8086")
	var c change
	if len(o.URLs) > 0 {
		address = o.URLs[0]
	}
	if len(o.URLs) > 1 {
		c.addf("of several addresses the first")
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		r.refuse(row, name, "its url is no http:// or https:// address")
		return
	}
	u.User = nil
	s := r.sink(name)
	s.set("type", "influxdb")
	s.set("url", u.String())
	if old {
		// An empty retention policy is the database's default one, as with Telegraf.
		s.set("bucket", first(o.Database, "telegraf")+"/"+o.RetentionPolicy)
		if o.Username != "" {
			s.set("username", o.Username)
			s.set("password", "${env:INFLUX_PASSWORD}")
			c.addf("its password is looked for in the environment, INFLUX_PASSWORD")
		}
	} else {
		if o.Organization != "" {
			s.set("org", o.Organization)
		}
		if o.Bucket == "" {
			c.addf("it has no bucket: telegraf is written")
		}
		s.set("bucket", first(o.Bucket, "telegraf"))
		s.set("token", "${env:INFLUX_TOKEN}")
		c.addf("its token is looked for in the environment, INFLUX_TOKEN")
	}
	s.set("integers", true)
	if o.UintSupport {
		s.set("unsigned", true)
	}
	if u.Scheme == "https" {
		o.telegrafTLS.of(s)
	}
	r.Verdicts = append(r.Verdicts, Verdict{Row: row, Tag: s.name, Taken: true, Note: strings.Join(c, "; ")})
}

// Types of fields as InfluxDB has them.
const (
	asFloat   = "a float"
	asInteger = "an integer"
	asBool    = "a bool"
	asText    = "a text"
)

// written is the type that Telegraf writes f as; cut says that it cuts what was scaled to whole numbers.
func (f *telegrafField) written(table string, register bool) (kind string, cut bool) {
	data, output := strings.ToUpper(f.Type), strings.ToUpper(f.Output)
	if register {
		data = strings.ToUpper(f.DataType)
	}
	switch {
	case table == "coil" || table == "discrete":
		if output == "BOOL" || register && data == "BOOL" {
			return asBool, false
		}
		return asInteger, false
	case data == "STRING":
		return asText, false
	case data == "BIT":
		return asInteger, false
	case register && (strings.HasPrefix(data, "FLOAT") || data == "FIXED" || data == "UFIXED"):
		return asFloat, false
	case register:
		return asInteger, f.Scale != 0 && f.Scale != 1
	case strings.HasPrefix(output, "FLOAT"):
		return asFloat, false
	case output != "":
		return asInteger, f.Scale != 0 && f.Scale != 1
	case f.Scale != 0 || strings.HasPrefix(data, "FLOAT"):
		return asFloat, false
	}
	return asInteger, false
}

// alike has t be written as the type that Telegraf wrote, where a row can say that.
func (r *Result) alike(t tag, kind string, cut bool) {
	name := t["tag"]
	numeric := strings.HasPrefix(t["type"], "int") || strings.HasPrefix(t["type"], "uint")
	switch {
	case cut:
		r.panel(name, "Telegraf cut the scaled value to a whole number and wrote an integer field, here it is a float: "+
			"InfluxDB refuses it in that measurement; give the device a measurement of its own")
	case kind == asInteger && t["type"] == "" && !strings.Contains(t["address"], "."):
		r.panel(name, "Telegraf wrote 0 and 1 of a coil or discrete input, here they are true and false: "+
			"InfluxDB refuses them in that measurement; give the device a measurement of its own")
	case kind == asFloat && numeric && t["scale"] == "":
		// The value itself, as one that was scaled: a float.
		t["raw_min"], t["raw_max"], t["eng_min"], t["eng_max"] = "0", "1", "0", "1"
	}
}
