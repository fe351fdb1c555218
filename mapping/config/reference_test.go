package config

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping/source"
	"tagbridge/testrig/manual"
)

// everySection is a configuration that has every section there is, so that every reader asks for its keys, but for the
// sinks. The defaults that are made of names have these.
const everySection = `
bridge:
  http: {tls: {}}
devices:
  - {name: modbus, driver: modbus, url: "tls://h", tls: {}, rs485: {}}
  - {name: opcua, driver: opcua, url: "opc.tcp://h"}
  - {name: derived, driver: derived}
sinks:
`

// kinds are the headings of what a device of everySection, or a sink, has alone.
var kinds = map[string]string{
	"device modbus": "Devices with driver modbus", "device opcua": "Devices with driver opcua",
	"device derived": "Devices with driver derived",
}

// sinksOf adds a sink of each type to config, and the headings of them to kinds.
func sinksOf(config string) (text string, headings []string) {
	for _, name := range SinkTypes() {
		config += "  - {name: SINK-" + name + ", type: " + name + "}\n"
		heading := "Sinks of type " + name
		kinds["sink SINK-"+name] = heading
		headings = append(headings, heading)
	}
	return config, headings
}

// parts are the sections that are there once, by what messages call them.
var parts = map[string]string{
	"the configuration": "At the top", "bridge": "bridge", "http": "http of bridge", "log": "log of bridge",
	"journal": "journal of bridge", "rs485": "rs485 of a device", "security": "security of a device", "auth": "auth of a device",
	"sparkplug": "sparkplug of a sink", "cluster": "cluster of bridge",
}

// questions are what was asked for, by the heading of its section.
type questions struct {
	order   []string
	keys    map[string][]source.Asked
	devices bool // the bridge was read
}

// add notes one question. What is known of a key from an earlier one stays.
func (a *questions) add(t *testing.T, q source.Asked) {
	heading, known := kinds[q.Section]
	switch {
	case known:
		a.devices = true
	case q.Section == "device" || q.Section == "sink":
		a.devices = true
		heading = map[string]string{"device": "Devices", "sink": "Sinks"}[q.Section]
	case q.Section == "tls" && !a.devices:
		heading = "tls of http"
	case q.Section == "tls":
		heading = "tls of a device or sink"
	default:
		if heading, known = parts[q.Section]; !known {
			t.Fatalf("a section that the page does not know: %s", q.Section)
		}
	}
	if !slices.Contains(a.order, heading) {
		a.order = append(a.order, heading)
	}
	list := a.keys[heading]
	i := slices.IndexFunc(list, func(k source.Asked) bool { return k.Key == q.Key })
	if i < 0 {
		a.keys[heading] = append(list, q)
		return
	}
	if k := &list[i]; k.Kind == "" {
		k.Kind, k.Default, k.Limits = q.Kind, q.Default, q.Limits
	} else if k.Default == "" {
		k.Default, k.Limits = q.Default, q.Limits
	}
}

// common moves what all sections of headings ask for in the same way into that of all.
func (a *questions) common(all string, headings ...string) {
	same := func(k source.Asked) func(source.Asked) bool {
		return func(o source.Asked) bool {
			return k.Key == o.Key && k.Kind == o.Kind && k.Default == o.Default && k.Limits == o.Limits
		}
	}
	for _, k := range slices.Clone(a.keys[headings[0]]) {
		if !slices.ContainsFunc(headings, func(h string) bool { return !slices.ContainsFunc(a.keys[h], same(k)) }) {
			a.keys[all] = append(a.keys[all], k)
			for _, h := range headings {
				a.keys[h] = slices.DeleteFunc(a.keys[h], same(k))
			}
		}
	}
}

// The page of keys has every key that a reader asks for, with its default and its limits.
func TestManualKeys(t *testing.T) {
	a := questions{keys: map[string][]source.Asked{}}
	text, sinks := sinksOf(everySection)
	Load("-", Options{Stdin: strings.NewReader(text), Hostname: "BRIDGE", asked: func(q source.Asked) {
		if name, found := strings.CutPrefix(q.Section, "sink "); found {
			q.Default = strings.ReplaceAll(q.Default, name, "SINK")
		}
		a.add(t, q)
	}})
	a.common("Devices", "Devices with driver modbus", "Devices with driver opcua", "Devices with driver derived")
	a.common("Sinks", sinks...)
	if len(a.order) != len(kinds)+len(parts)+4 {
		t.Errorf("not all sections were read, only %s", strings.Join(a.order, ", "))
	}
	var tables []manual.Table
	for _, heading := range a.order {
		table := manual.Table{Heading: heading, Columns: []string{"key", "kind", "default", "limits"}, Prose: []string{"meaning"}}
		for _, k := range a.keys[heading] {
			table.Rows = append(table.Rows, []string{manual.Code(k.Key), k.Kind, manual.Code(k.Default), k.Limits})
		}
		tables = append(tables, table)
	}
	manual.Hold(t, *update, "keys", tables...)
}
