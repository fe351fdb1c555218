package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// simConfig rewrites a configuration so that a bridge run with it reads a simulator. It works on the document as it
// is written: comments, anchors and ${…} stay.
type simConfig struct {
	from, to  string            // folders of the old and of the new configuration
	name      string            // the bridge's name in the new one
	urls      map[string]string // simulated address of each device
	keepSinks bool

	moved map[*yaml.Node]bool // paths already rewritten: an anchor is met once for each alias
}

// rewrite returns the new configuration.
func (c simConfig) rewrite(source []byte) ([]byte, error) {
	c.moved = map[*yaml.Node]bool{}
	var doc yaml.Node
	if err := yaml.Unmarshal(source, &doc); err != nil {
		return nil, fmt.Errorf("parse configuration: %w", err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("parse configuration: no keys at its top")
	}
	root := doc.Content[0]
	c.bridge(entry(root, "bridge"))
	for _, d := range items(lookup(root, "devices")) {
		c.device(d)
	}
	c.sinks(root)
	var out bytes.Buffer
	fmt.Fprintln(&out, "# Reads the simulator. Written by tagbridge sim.")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return out.Bytes(), enc.Close()
}

func (c simConfig) bridge(b *yaml.Node) {
	set(b, "name", c.name+"-sim")
	set(b, "data_dir", c.name+"-sim-data")
	if http := lookup(b, "http"); http != nil {
		c.path(lookup(http, "users"))
		c.tls(lookup(http, "tls"))
	}
}

func (c simConfig) device(d *yaml.Node) {
	if name := lookup(d, "name"); name != nil {
		url, ok := c.urls[name.Value]
		if ok {
			set(d, "url", url)
			for _, key := range []string{"tls", "security", "auth", "rs485"} { // the simulator has keys of its own, and no wire
				drop(d, key)
			}
		} else {
			// Nothing is left that would read the real device by mistake.
			put(d, "enabled", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"})
		}
	}
	for _, t := range items(lookup(d, "tags")) {
		c.path(t)
	}
	security, auth := lookup(d, "security"), lookup(d, "auth")
	for _, key := range []string{"certificate", "key"} {
		c.path(lookup(security, key))
		c.path(lookup(auth, key))
	}
	for _, t := range items(lookup(security, "trust")) {
		c.path(t)
	}
	c.tls(lookup(d, "tls"))
}

// sinks puts the terminal in the place of the sinks, or marks what they will be sent.
func (c simConfig) sinks(root *yaml.Node) {
	if !c.keepSinks {
		var screen yaml.Node
		screen.Encode([]map[string]string{{"name": "screen", "type": "file", "path": "-"}})
		put(root, "sinks", &screen)
		return
	}
	for _, s := range items(lookup(root, "sinks")) {
		c.tls(lookup(s, "tls"))
		if path := lookup(s, "path"); path != nil && path.Value != "-" {
			c.path(path)
		}
	}
	for _, d := range items(lookup(root, "devices")) {
		set(entry(d, "labels"), "simulated", "true")
	}
}

func (c simConfig) tls(n *yaml.Node) {
	for _, key := range []string{"ca", "certificate", "key"} {
		c.path(lookup(n, key))
	}
}

// path makes a relative path of the old configuration one of the new; rows in place, absolute paths and ${…} stay.
func (c simConfig) path(n *yaml.Node) {
	if n == nil {
		return
	}
	n = resolve(n)
	if c.moved[n] || n.Kind != yaml.ScalarNode || n.Value == "" || filepath.IsAbs(n.Value) || strings.Contains(n.Value, "${") {
		return
	}
	full := filepath.Join(c.from, n.Value)
	if rel, err := filepath.Rel(c.to, full); err == nil {
		full = rel
	}
	n.SetString(filepath.ToSlash(full))
	c.moved[n] = true
}
