package convert

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"tagbridge/mapping/node"
	"tagbridge/mapping/source"
)

// telegrafConf is what matters of a telegraf.conf.
type telegrafConf struct {
	Agent struct {
		Interval     telegrafDuration
		Hostname     string
		OmitHostname bool `toml:"omit_hostname"`
	}
	Outputs struct {
		InfluxDB   []telegrafOutput `toml:"influxdb"`
		InfluxDBV2 []telegrafOutput `toml:"influxdb_v2"`
		MQTT       []telegrafMQTT   `toml:"mqtt"`
		File       []telegrafFile   `toml:"file"`
	}
	GlobalTags map[string]string `toml:"global_tags"`
	Inputs     struct {
		Modbus        []telegrafModbus
		OPCUA         []telegrafOPCUA `toml:"opcua"`
		OPCUAListener []telegrafOPCUA `toml:"opcua_listener"`
	}
}

// telegrafCommon is what every input has: what its points are called, and what is written beside them.
type telegrafCommon struct {
	NameOverride string `toml:"name_override"`
	NamePrefix   string `toml:"name_prefix"`
	NameSuffix   string `toml:"name_suffix"`
	Tags         map[string]string
	global       map[string]string
}

// measurement is where Telegraf writes points of that name.
func (c *telegrafCommon) measurement(name string) string {
	return c.NamePrefix + first(c.NameOverride, name) + c.NameSuffix
}

// labels makes labels of Telegraf's tags: its own, and those that are global.
func (c *telegrafCommon) labels(d *device) {
	all := map[string]string{}
	maps.Copy(all, c.global)
	maps.Copy(all, c.Tags)
	if len(all) > 0 {
		d.set("labels", labels(all))
	}
}

// Telegraf converts the modbus and opcua inputs of a telegraf.conf, and its outputs to InfluxDB, MQTT and files. Its processors and what
// else is in it are left out. Secrets become references to environment variables.
func Telegraf(file string, content []byte) (*Result, error) {
	var conf telegrafConf
	text, err := source.Text(content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	meta, err := toml.Decode(text, &conf)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	r := &Result{}
	conf.hostTag(r)
	interval := first(string(conf.Agent.Interval), "10s")
	for i := range conf.Inputs.Modbus {
		m := &conf.Inputs.Modbus[i]
		m.global = conf.GlobalTags
		m.where = fmt.Sprintf("%s: inputs.modbus %d", file, i+1)
		m.convert(r, interval)
	}
	for _, list := range [][]telegrafOPCUA{conf.Inputs.OPCUA, conf.Inputs.OPCUAListener} {
		for i := range list {
			list[i].global = conf.GlobalTags
		}
	}
	for i := range conf.Inputs.OPCUA {
		conf.Inputs.OPCUA[i].convert(r, fmt.Sprintf("%s: inputs.opcua %d", file, i+1), interval, false)
	}
	for i := range conf.Inputs.OPCUAListener {
		conf.Inputs.OPCUAListener[i].convert(r, fmt.Sprintf("%s: inputs.opcua_listener %d", file, i+1), interval, true)
	}
	if len(conf.Inputs.Modbus)+len(conf.Inputs.OPCUA)+len(conf.Inputs.OPCUAListener) == 0 {
		return nil, fmt.Errorf("read %s: it has no inputs.modbus, inputs.opcua or inputs.opcua_listener", file)
	}
	conf.sinksOf(r, file)
	r.leftOut(file, meta.Undecoded())
	for _, key := range meta.Keys() {
		if len(key) == 2 && (key[0] == "outputs" && !slices.Contains([]string{"influxdb", "influxdb_v2", "mqtt", "file"}, key[1]) ||
			key[0] == "processors" || key[0] == "aggregators" ||
			key[0] == "inputs" && !strings.HasPrefix(key[1], "opcua") && key[1] != "modbus") {
			r.refuse(file, key.String(), "only inputs.modbus and inputs.opcua, and outputs to InfluxDB, MQTT and files are converted")
		}
	}
	return r, nil
}

// hostTag has the machine's name be written as Telegraf does, where that is known.
func (c *telegrafConf) hostTag(r *Result) {
	switch {
	case c.Agent.OmitHostname:
	case c.Agent.Hostname == "":
		r.panel("tag host", "Telegraf writes the name of the machine it runs on, which is not in the file: "+
			"where panels ask for it, write it as label host under the devices")
	case c.GlobalTags == nil:
		c.GlobalTags = map[string]string{"host": c.Agent.Hostname}
	case c.GlobalTags["host"] == "":
		c.GlobalTags["host"] = c.Agent.Hostname
	}
}

// needless are settings that nothing has to be made of, and why.
var needless = map[string]string{
	"alias":                          "it is a name in Telegraf's log",
	"log_level":                      "it is about Telegraf's log",
	"debug_connection":               "it is about Telegraf's log",
	"busy_retries":                   "a device that is busy is asked again after a pause in any case",
	"busy_retries_wait":              "a device that is busy is asked again after a pause in any case",
	"optimization":                   "requests are planned anew: tagbridge plan",
	"optimization_max_register_fill": "requests are planned anew: tagbridge plan, max_gap",
}

// leftOut tells of settings of the inputs that nothing was made of, each once.
func (r *Result) leftOut(file string, keys []toml.Key) {
	told := map[string]bool{}
	for _, key := range keys {
		if len(key) < 3 || key[0] != "inputs" || key[1] != "modbus" && !strings.HasPrefix(key[1], "opcua") || told[key.String()] {
			continue
		}
		told[key.String()] = true
		if why := needless[key[len(key)-1]]; why != "" {
			r.Verdicts = append(r.Verdicts, Verdict{Row: file, Tag: key.String(), Taken: true, Note: "left out: " + why})
			continue
		}
		r.refuse(file, key.String(), "nothing was made of this setting")
	}
}

// telegrafDuration is a duration as ours are written: with a unit, of which ours have no days; a bare number is seconds.
type telegrafDuration string

// UnmarshalTOML takes texts and numbers.
func (d *telegrafDuration) UnmarshalTOML(v any) error {
	text := fmt.Sprint(v)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil {
			text = strconv.FormatFloat(n*24, 'f', -1, 64) + "h"
		}
	}
	if strings.Trim(text, "0123456789.") == "" && text != "" {
		text += "s"
	}
	*d = telegrafDuration(text)
	return nil
}

// labels makes labels of tags.
func labels(tags map[string]string) map[string]string {
	out := make(map[string]string, len(tags))
	for name, value := range tags {
		out[labelName(name)] = value
	}
	return out
}

// telegrafOPCUA is an input of OPC UA.
type telegrafOPCUA struct {
	Name     string
	Interval telegrafDuration
	Password string // not taken over
	telegrafCommon
	Endpoint             string
	SecurityPolicy       string `toml:"security_policy"`
	SecurityMode         string `toml:"security_mode"`
	Certificate          string
	PrivateKey           string `toml:"private_key"`
	AuthMethod           string `toml:"auth_method"`
	Username             string
	Timestamp            string
	SubscriptionInterval telegrafDuration `toml:"subscription_interval"`
	Nodes                []telegrafNode
	Group                []struct {
		Name           string
		Namespace      string
		NamespaceURI   string            `toml:"namespace_uri"`
		IdentifierType string            `toml:"identifier_type"`
		DefaultTags    map[string]string `toml:"default_tags"`
		Tags           [][]string
		Nodes          []telegrafNode
	}
}

type telegrafNode struct {
	Name           string
	ID             string
	Namespace      string
	NamespaceURI   string `toml:"namespace_uri"`
	IdentifierType string `toml:"identifier_type"`
	Identifier     string
	DefaultTags    map[string]string `toml:"default_tags"`
	Tags           [][]string        // pairs, as older versions have them
}

// tags are what Telegraf writes beside the value.
func (n telegrafNode) tags() map[string]string {
	all := map[string]string{}
	for _, pair := range n.Tags {
		if len(pair) == 2 {
			all[pair[0]] = pair[1]
		}
	}
	maps.Copy(all, n.DefaultTags)
	return all
}

func (n telegrafNode) address() string {
	identifier := n.IdentifierType + "=" + n.Identifier
	switch {
	case n.ID != "":
		return n.ID
	case n.NamespaceURI != "":
		if a, err := node.Parse(identifier); err == nil {
			return (&node.Address{URI: n.NamespaceURI, ID: a.ID}).String()
		}
		return "nsu=" + n.NamespaceURI + ";" + identifier // which is what will be said to be wrong
	}
	return "ns=" + n.Namespace + ";" + identifier
}

func (o *telegrafOPCUA) convert(r *Result, where, interval string, subscribe bool) {
	name := o.Name
	if name == "" {
		name = "opcua"
	}
	if subscribe {
		interval = first(string(o.SubscriptionInterval), "100ms")
	} else {
		interval = first(string(o.Interval), interval)
	}
	r.panel("field Quality", "Telegraf writes it with each value of OPC UA; here it is the field TAG.quality, and is there only when it is not Good")
	known := map[string]*device{}
	of := func(group string) *device {
		if d := known[group]; d != nil {
			return d
		}
		called := name
		if group != "" {
			called += "-" + group
		}
		d := r.device(called)
		known[group] = d
		d.set("driver", "opcua")
		d.set("url", o.Endpoint)
		if subscribe {
			d.set("mode", "subscribe")
		}
		d.set("poll", interval)
		d.set("measurement", o.measurement(first(group, name)))
		o.telegrafCommon.labels(d)
		o.security(d, r, where)
		if o.Timestamp == "source" || o.Timestamp == "server" {
			d.set("timestamps", o.Timestamp)
		}
		return d
	}
	take := func(n telegrafNode, group string) {
		d := of(group)
		t := tag{"tag": n.Name, "address": n.address(), "label.id": n.address()}
		var c change
		for name, value := range labels(n.tags()) {
			t["label."+name] = value
		}
		row := where + " " + n.address()
		if n.ID == "" && (n.Identifier == "" || n.IdentifierType == "") {
			r.refuse(row, n.Name, "its node id is incomplete")
			return
		}
		r.renamed(n.Name)
		r.take(d, row, t, c)
	}
	for _, n := range o.Nodes {
		take(n, "")
	}
	for _, g := range o.Group {
		for _, n := range g.Nodes {
			n.Namespace, n.NamespaceURI = first(n.Namespace, g.Namespace), first(n.NamespaceURI, g.NamespaceURI)
			n.IdentifierType = first(n.IdentifierType, g.IdentifierType)
			n.Tags = append(slices.Clone(g.Tags), n.Tags...)
			if len(g.DefaultTags) > 0 {
				of := maps.Clone(g.DefaultTags)
				maps.Copy(of, n.DefaultTags)
				n.DefaultTags = of
			}
			take(n, g.Name)
		}
	}
}

// security takes over policy, mode and login. A password is not copied.
func (o *telegrafOPCUA) security(d *device, r *Result, where string) {
	policy, mode := o.SecurityPolicy, o.SecurityMode
	if policy == "auto" || mode == "auto" {
		r.refuse(where, d.name, "security \"auto\": choose policy and mode (tagbridge cert show); Basic256Sha256, SignAndEncrypt was written")
		policy, mode = "Basic256Sha256", "SignAndEncrypt"
	}
	if policy != "" && policy != "None" {
		s := map[string]string{"policy": policy, "mode": mode}
		if o.Certificate != "" {
			s["certificate"], s["key"] = o.Certificate, o.PrivateKey
		}
		d.set("security", s)
	}
	if strings.EqualFold(o.AuthMethod, "UserName") {
		d.set("auth", map[string]string{"username": o.Username, "password": "${env:" + variable(d.name) + "_PASSWORD}"})
	}
}

// variable is an environment variable's name for a device.
func variable(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		}
		return '_'
	}, name)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
