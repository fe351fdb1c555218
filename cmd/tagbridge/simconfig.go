package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/config"
	"tagbridge/mapping/profile"
)

// simConfig rewrites a configuration so that a bridge run with it reads a simulator. It works on the document as it
// is written: comments and ${…} stay. What anchors share stands in each of its places.
type simConfig struct {
	from, to  string            // folders of the old and of the new configuration
	name      string            // the bridge's name in the new one
	urls      map[string]string // simulated address of each device
	keepSinks bool
	tables    []config.Table // of devices: what is in them stands in the new configuration itself
}

// rewrite returns the new configuration.
func (c simConfig) rewrite(source string) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(source), &doc); err != nil {
		return nil, fmt.Errorf("parse configuration: %w", err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("parse configuration: no keys at its top")
	}
	root, err := expand(doc.Content[0])
	if err != nil {
		return nil, fmt.Errorf("parse configuration: %w", err)
	}
	drop(root, func(key string) bool { return strings.HasPrefix(key, "x-") })
	c.inPlace(lookup(root, "devices"))
	c.bridge(entry(root, "bridge"))
	for _, d := range items(lookup(root, "devices")) {
		c.device(d)
	}
	c.sinks(root)
	c.references(root)
	doc.Content[0] = root
	var out bytes.Buffer
	fmt.Fprintln(&out, "# Reads the simulator. Written by tagbridge sim.")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return out.Bytes(), enc.Close()
}

// inPlace puts the devices of tables in the place of these.
func (c simConfig) inPlace(devices *yaml.Node) {
	if devices == nil {
		return
	}
	var list []*yaml.Node
	for _, d := range devices.Content {
		i := slices.IndexFunc(c.tables, func(t config.Table) bool { return d.Kind == yaml.ScalarNode && t.Name == d.Value })
		if i < 0 {
			list = append(list, d)
			continue
		}
		list = append(list, c.tables[i].Rows...)
		devices.Style &^= yaml.FlowStyle
	}
	devices.Content = list
}

func (c simConfig) bridge(b *yaml.Node) {
	set(b, "name", c.name+"-sim")
	set(b, "data_dir", c.name+"-sim-data")
	http := lookup(b, "http")
	c.path(lookup(http, "users"))
	c.tls(lookup(http, "tls"))
}

// realOnly are keys of devices that only the real one has a use for: the simulator has keys of its own, and no wire.
var realOnly = []string{"tls", "security", "auth", "rs485"}

func (c simConfig) device(d *yaml.Node) {
	if d.Kind != yaml.MappingNode {
		return
	}
	drop(d, func(key string) bool { return slices.Contains(realOnly, key) })
	if name := lookup(d, "name"); name != nil {
		if url, ok := c.urls[name.Value]; ok {
			if url != "" { // else it is computed from others
				set(d, "url", url)
			}
		} else {
			// Nothing is left that would read the real device by mistake.
			put(d, "enabled", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"})
		}
	}
	for _, t := range items(lookup(d, "tags")) {
		c.path(t)
	}
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
		if id := lookup(s, "client_id"); id != nil && lookup(s, "sas_key") == nil {
			id.SetString(id.Value + "-sim") // a broker throws out the bridge that has the same
		}
		if path := lookup(s, "path"); path != nil && path.Value != "-" {
			c.path(path)
		}
		if file := lookup(s, "credentials"); file != nil && !strings.Contains(file.Value, "-----BEGIN") {
			c.path(file)
		}
	}
	for _, d := range items(lookup(root, "devices")) {
		if d.Kind == yaml.MappingNode {
			set(entry(d, "labels"), "simulated", "true")
		}
	}
}

func (c simConfig) tls(n *yaml.Node) {
	for _, key := range []string{"ca", "certificate", "key"} {
		c.path(lookup(n, key))
	}
}

// path makes a relative path of the old configuration one of the new; rows in place and absolute paths stay, and what
// begins with a ${…}, which may be one.
func (c simConfig) path(n *yaml.Node) {
	if n != nil && n.Kind == yaml.ScalarNode && n.Value != "" && !strings.HasPrefix(n.Value, "${") && !strings.HasPrefix(n.Value, profile.Scheme) {
		n.SetString(c.moved(n.Value))
	}
}

func (c simConfig) moved(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	full := filepath.Join(c.from, path)
	if rel, err := filepath.Rel(c.to, full); err == nil {
		full = rel
	}
	return filepath.ToSlash(full)
}

var fileReference = regexp.MustCompile(`(^|[^$])\$\{file:([^}]+)\}`)

// references moves the files that ${file:…} names. Rows of tag maps have none.
func (c simConfig) references(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "${file:") {
		n.Value = fileReference.ReplaceAllStringFunc(n.Value, func(s string) string {
			before, path, _ := strings.Cut(strings.TrimSuffix(s, "}"), "${file:")
			return before + "${file:" + c.moved(path) + "}"
		})
		return
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "tags" && child.Kind == yaml.SequenceNode {
			for _, t := range child.Content {
				if t.Kind == yaml.ScalarNode {
					c.references(t)
				}
			}
			continue
		}
		c.references(child)
	}
}
