package convert

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// telegrafConf is what matters of a telegraf.conf.
type telegrafConf struct {
	Agent  struct{ Interval string }
	Inputs struct {
		Modbus        []telegrafModbus
		OPCUA         []telegrafOPCUA `toml:"opcua"`
		OPCUAListener []telegrafOPCUA `toml:"opcua_listener"`
	}
}

// Telegraf converts the modbus and opcua inputs of a telegraf.conf. Its outputs, processors and other inputs are left
// out. Secrets become references to environment variables.
func Telegraf(file string, content []byte) (*Result, error) {
	var conf telegrafConf
	meta, err := toml.Decode(string(content), &conf)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	r := &Result{}
	if conf.Agent.Interval == "" {
		conf.Agent.Interval = "10s"
	}
	for i := range conf.Inputs.Modbus {
		m := &conf.Inputs.Modbus[i]
		m.where = fmt.Sprintf("%s: inputs.modbus %d", file, i+1)
		m.convert(r, conf.Agent.Interval)
	}
	for i := range conf.Inputs.OPCUA {
		conf.Inputs.OPCUA[i].convert(r, fmt.Sprintf("%s: inputs.opcua %d", file, i+1), conf.Agent.Interval, false)
	}
	for i := range conf.Inputs.OPCUAListener {
		conf.Inputs.OPCUAListener[i].convert(r, fmt.Sprintf("%s: inputs.opcua_listener %d", file, i+1), conf.Agent.Interval, true)
	}
	for _, key := range meta.Keys() {
		if len(key) == 2 && (key[0] == "outputs" || key[0] == "processors" || key[0] == "aggregators" ||
			key[0] == "inputs" && !strings.HasPrefix(key[1], "opcua") && key[1] != "modbus") {
			r.refuse(file, key.String(), "only inputs.modbus and inputs.opcua are converted")
		}
	}
	return r, nil
}

// duration is text with a unit, as both programs write it; a bare number is seconds.
func duration(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	if strings.Trim(text, "0123456789") == "" {
		return text + "s"
	}
	return text
}

// telegrafOPCUA is an input of OPC UA.
type telegrafOPCUA struct {
	Name                 string
	Interval             string
	Endpoint             string
	SecurityPolicy       string `toml:"security_policy"`
	SecurityMode         string `toml:"security_mode"`
	Certificate          string
	PrivateKey           string `toml:"private_key"`
	AuthMethod           string `toml:"auth_method"`
	Username             string
	Timestamp            string
	SubscriptionInterval string `toml:"subscription_interval"`
	Nodes                []telegrafNode
	Group                []struct {
		Name           string
		Namespace      string
		NamespaceURI   string `toml:"namespace_uri"`
		IdentifierType string `toml:"identifier_type"`
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
}

func (n telegrafNode) address() string {
	switch {
	case n.ID != "":
		return n.ID
	case n.NamespaceURI != "":
		return "nsu=" + n.NamespaceURI + ";" + n.IdentifierType + "=" + n.Identifier
	}
	return "ns=" + n.Namespace + ";" + n.IdentifierType + "=" + n.Identifier
}

func (o *telegrafOPCUA) convert(r *Result, where, interval string, subscribe bool) {
	name := o.Name
	if name == "" {
		name = "opcua"
	}
	d := r.device(name)
	d.set("driver", "opcua")
	d.set("url", o.Endpoint)
	if subscribe {
		d.set("mode", "subscribe")
		interval = duration(o.SubscriptionInterval, "100ms")
	} else {
		interval = duration(o.Interval, interval)
	}
	d.set("poll", interval)
	o.security(d, r, where)
	if o.Timestamp == "source" || o.Timestamp == "server" {
		d.set("timestamps", o.Timestamp)
	}
	take := func(n telegrafNode, group string) {
		t := tag{"tag": n.Name, "address": n.address()}
		if group != "" {
			t["tag"] = group + "/" + n.Name
		}
		row := where + " " + n.address()
		if n.ID == "" && (n.Identifier == "" || n.IdentifierType == "") {
			r.refuse(row, n.Name, "its node id is incomplete")
			return
		}
		r.take(d, row, t, nil)
	}
	for _, n := range o.Nodes {
		take(n, "")
	}
	for _, g := range o.Group {
		for _, n := range g.Nodes {
			n.Namespace, n.NamespaceURI = first(n.Namespace, g.Namespace), first(n.NamespaceURI, g.NamespaceURI)
			n.IdentifierType = first(n.IdentifierType, g.IdentifierType)
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
