package convert

import (
	"bytes"
	"regexp"
	"strings"
)

// shown is how much of a file is looked at to tell what it is.
const shown = 64 << 10

var (
	edgeX     = regexp.MustCompile(`(?m)^\s*"?deviceResources"?\s*:`)
	sections  = regexp.MustCompile(`(?m)^(devices|sinks)\s*:`)
	homeModb  = regexp.MustCompile(`(?m)^(modbus\s*:|- name:.*\n\s+type:\s*(tcp|serial|rtuovertcp|udp)\b)`)
	tomlTable = regexp.MustCompile(`(?m)^\s*\[+\s*(agent|outputs\.|global_tags|inputs\.)`)
)

// Seems says what a file that cannot be converted seems to be, and what to do with it; "" when it is like nothing known.
func Seems(content []byte) string {
	for _, m := range []struct{ begin, what string }{
		{"PK\x03\x04", "a workbook or another zip file: a workbook (.xlsx) of columns tag and address is a tag map as it is; else save its sheet as CSV"},
		{"\xd0\xcf\x11\xe0", "a workbook of Excel before 2007, or one with a password: save its sheet as CSV"},
		{"%PDF", "a PDF: copy its table into a spreadsheet, with columns tag and address"},
		{"\x1f\x8b", "a packed file: unpack it first"},
	} {
		if bytes.HasPrefix(content, []byte(m.begin)) {
			return m.what
		}
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(content[:min(len(content), shown)]), "\ufeff"))
	head, _, _ := strings.Cut(text, "\n")
	lower := strings.ToLower(head)
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
	switch {
	case has("UANodeSet"):
		return "a node set of OPC UA: browse the server instead (tagbridge browse --csv)"
	case strings.HasPrefix(text, "<"):
		return "XML"
	case strings.HasPrefix(lower, "_address\t") || strings.Contains(lower, "\tisscale"):
		return "a list of registers of ioBroker.modbus: its columns _address, name, unit, factor and offset are address, tag, unit, scale and offset here; " +
			"the table is that of the list's name, such as holding:0"
	case edgeX.MatchString(text):
		return "a device profile of EdgeX: each of its deviceResources is a row, primaryTable and startingAddress are the address, such as holding:0"
	case has(`"channels"`, `"reg_type"`):
		return "a template of wb-mqtt-serial: each of its channels is a row, reg_type and address are the address, such as holding:0"
	case has(`"nodes"`, `"plugin"`) || has("group", "interval", "attribute", "decimal") && strings.ContainsAny(head, ",\t"):
		return "tags of Neuron: its address 1!400001 is unit 1 and address 400001 here"
	case len(sections.FindAllString(text, 2)) == 2:
		return "a configuration of tagbridge: tagbridge check"
	case homeModb.MatchString(text):
		return "a configuration of Home Assistant: each of its sensors is a row; its address counts from 0, such as holding:0"
	case tomlTable.MatchString(text):
		return "a telegraf.conf without inputs.modbus and inputs.opcua"
	case strings.Contains(lower, "tag") && strings.Contains(lower, "address") && strings.ContainsAny(head, ",;\t"):
		return "a tag map already: name it under tags"
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "JSON"
	}
	return ""
}
