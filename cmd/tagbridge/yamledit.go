package main

import "go.yaml.in/yaml/v3"

// Small edits of a YAML document that is kept as its author wrote it.

// resolve is n, or what n is an alias of.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// lookup is the value of key in n, or nil; it looks into merged mappings too.
func lookup(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	if n = resolve(n); n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		for _, merged := range append(items(n.Content[i+1]), n.Content[i+1]) {
			if found := lookup(merged, key); found != nil {
				return found
			}
		}
	}
	return nil
}

// items are the elements of a sequence; none when n is something else.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n = resolve(n); n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// put makes value the value of key in n.
func put(n *yaml.Node, key string, value *yaml.Node) {
	n = resolve(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	var k yaml.Node
	k.SetString(key)
	n.Content = append(n.Content, &k, value)
}

// set makes text the value of key in n.
func set(n *yaml.Node, key, text string) {
	var v yaml.Node
	v.SetString(text)
	put(n, key, &v)
}

// entry is the mapping at key in n, made when it is not there. One that is shared through an alias is copied first.
func entry(n *yaml.Node, key string) *yaml.Node {
	found := lookup(n, key)
	own := &yaml.Node{Kind: yaml.MappingNode}
	if found != nil {
		if found.Kind == yaml.MappingNode {
			return found
		}
		if from := resolve(found); from.Kind == yaml.MappingNode {
			own.Content = append(own.Content, from.Content...)
		}
	}
	put(n, key, own)
	return own
}

// drop removes key from n.
func drop(n *yaml.Node, key string) {
	n = resolve(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i], n.Content[i+2:]...)
			return
		}
	}
}
