package convert

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// telegrafMQTT is an output to a broker. Its password is not read.
type telegrafMQTT struct {
	Servers    []string
	Protocol   string
	Topic      string
	Prefix     string `toml:"topic_prefix"` // as older versions have it
	QoS        int    `toml:"qos"`
	Retain     bool
	Username   string
	ClientID   string `toml:"client_id"`
	Layout     string
	DataFormat string `toml:"data_format"`
	telegrafTLS
}

func (o *telegrafMQTT) convert(r *Result, row string) {
	if len(o.Servers) == 0 {
		r.refuse(row, "mqtt", "it has no servers")
		return
	}
	u, why := brokerURL(o.Servers[0], o.telegrafTLS != telegrafTLS{})
	if why != "" {
		r.refuse(row, "mqtt", why)
		return
	}
	var c change
	if len(o.Servers) > 1 {
		c.addf("of several servers the first")
	}
	s := r.sink("mqtt")
	s.set("type", "mqtt")
	s.set("url", u.String())
	if o.Protocol != "5" {
		s.set("version", "3.1.1")
	}
	if o.ClientID != "" {
		s.set("client_id", o.ClientID)
		c.addf("client_id %s: end Telegraf first, the broker has one of each", o.ClientID)
	}
	if o.Username != "" {
		s.set("username", o.Username)
		s.set("password", "${env:MQTT_PASSWORD}")
		c.addf("its password is looked for in the environment, MQTT_PASSWORD")
	}
	o.messages(r, s, &c)
	s.set("qos", min(o.QoS, 1))
	if o.QoS > 1 {
		c.addf("qos 1: there is no 2")
	}
	if o.Retain {
		s.set("retain", true)
	}
	if u.Scheme == "mqtts" {
		o.telegrafTLS.of(s)
	}
	r.Verdicts = append(r.Verdicts, Verdict{Row: row, Tag: s.name, Taken: true, Note: strings.Join(c, "; ")})
}

// messages are what is sent, and where.
func (o *telegrafMQTT) messages(r *Result, s *device, c *change) {
	topic := first(o.Topic, o.Prefix)
	if o.Topic == "" && o.Prefix != "" {
		topic += "/{{ .Tag \"host\" }}/{{ .Name }}"
	}
	topic = r.topic(first(topic, "telegraf/{{ .Tag \"host\" }}/{{ .Name }}"), c)
	switch {
	case o.Layout == "field":
		topic += "/{tag}"
		s.set("format", "value")
	case o.Layout != "" && o.Layout != "non-batch" && o.Layout != "batch":
		c.addf("there is no layout %s", o.Layout)
	case o.DataFormat == "" || o.DataFormat == "influx":
		s.set("format", "line")
		if o.Layout == "batch" {
			c.addf("a message for each device and time")
		}
	default:
		s.set("format", "batch")
		c.addf("data_format %s: its messages look otherwise here: an object with the values of a device by their tags", o.DataFormat)
	}
	s.set("topic", topic)
}

// brokerURL is a server as the configuration names it; it is encrypted when it says so or its settings do.
func brokerURL(server string, secured bool) (u *url.URL, why string) {
	if !strings.Contains(server, "://") {
		server = "tcp://" + server
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" {
		return nil, "its server is no address"
	}
	schemes := map[string]string{"tcp": "mqtt", "mqtt": "mqtt", "tls": "mqtts", "ssl": "mqtts", "mqtts": "mqtts", "ws": "ws", "wss": "wss"}
	scheme, ok := schemes[strings.ToLower(u.Scheme)]
	if !ok {
		return nil, fmt.Sprintf("there is no protocol %q", u.Scheme)
	}
	if scheme == "mqtt" && secured {
		scheme = "mqtts"
	}
	if u.Port() == "" && scheme == "mqtts" {
		u.Host = net.JoinHostPort(u.Hostname(), "8883")
	}
	u.Scheme, u.User = scheme, nil
	return u, ""
}

var (
	goTemplate = regexp.MustCompile(`\{\{.*?\}\}`)
	ofTag      = regexp.MustCompile(`^\{\{-?\s*\.(?:Tag|PluginTag)\s+["` + "`" + `]([^"` + "`" + `]*)["` + "`" + `]\s*-?\}\}$`)
	ofName     = regexp.MustCompile(`^\{\{-?\s*\.(?:Name|PluginName)\s*-?\}\}$`)
)

// topic is a topic of Telegraf's as a template of ours.
func (r *Result) topic(topic string, c *change) string {
	var levels []string
	for _, level := range strings.Split(topic, "/") {
		level = goTemplate.ReplaceAllStringFunc(level, func(field string) string { return r.topicField(field, c) })
		if level != "" {
			levels = append(levels, level)
		}
	}
	topic = strings.Join(levels, "/")
	if strings.ContainsAny(topic, "+#") || topic == "" {
		c.addf("its topic %q cannot be written to", topic)
		return "telegraf/{bridge}/{device}"
	}
	return topic
}

// topicField is what a field of a topic is here; as with Telegraf, what is not there is left out.
func (r *Result) topicField(field string, c *change) string {
	if ofName.MatchString(field) {
		if name, same := r.measurement(); same {
			return name
		}
		c.addf("in its topic {device} is where the measurement was")
		return "{device}"
	}
	m := ofTag.FindStringSubmatch(field)
	switch {
	case m == nil:
		c.addf("in its topic {device} is where %s was", field)
		return "{device}"
	case r.labelled(labelName(m[1])):
		return "{label." + labelName(m[1]) + "}"
	case m[1] == "host":
		c.addf("in its topic {bridge} is where the tag host was")
		return "{bridge}"
	}
	c.addf("its topic is without the tag %s, which not every device has", m[1])
	return ""
}

// measurement is that of all devices, when it is the same and a topic can have it as it is.
func (r *Result) measurement() (name string, same bool) {
	for _, d := range r.devices {
		m, _ := d.option("measurement").(string)
		if len(d.tags) == 0 || m == name {
			continue
		}
		if name != "" || m == "" {
			return "", false
		}
		name = m
	}
	return name, name != "" && !strings.ContainsAny(name, "+#/{}$")
}

// labelled reports that everything has that label.
func (r *Result) labelled(name string) bool {
	for _, d := range r.devices {
		of, _ := d.option("labels").(map[string]string)
		if of[name] != "" {
			continue
		}
		for _, t := range d.tags {
			if t["label."+name] == "" {
				return false
			}
		}
	}
	return true
}

// telegrafFile is an output to files.
type telegrafFile struct {
	Files      []string
	DataFormat string `toml:"data_format"`
}

func (o *telegrafFile) convert(r *Result, row string) {
	for _, path := range o.Files {
		var c change
		s := r.sink("file")
		s.set("type", "file")
		if path == "stdout" {
			path = "-"
		}
		s.set("path", path)
		switch o.DataFormat {
		case "", "influx":
			s.set("format", "line")
		case "csv":
			s.set("format", "csv")
			c.addf("its columns are time, bridge, device, tag, value, text, quality and unit")
		default:
			s.set("format", "json")
			c.addf("data_format %s: its lines look otherwise here: an object for each value", o.DataFormat)
		}
		r.Verdicts = append(r.Verdicts, Verdict{Row: row, Tag: s.name, Taken: true, Note: strings.Join(c, "; ")})
	}
}
