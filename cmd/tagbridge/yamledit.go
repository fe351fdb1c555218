package main

import (
	"errors"

	"go.yaml.in/yaml/v3"
)

// Small edits of a YAML document that is kept as its author wrote it, but for anchors: an edit of what several keys
// share would change them all, and one that is taken away would leave its aliases without an anchor.

// maxExpanded bounds what aliases of aliases can grow to.
const maxExpanded = 2_000_000

var errExpanded = errors.New("too much in it is shared by anchors")

// expand is n as a tree of its own: each alias a copy of what it stands for, merged keys among those of their mapping.
func expand(n *yaml.Node) (*yaml.Node, error) {
	e := expander{left: maxExpanded, within: map[*yaml.Node]bool{}}
	out := e.copy(n)
	if e.left <= 0 {
		return nil, errExpanded
	}
	return out, nil
}

type expander struct {
	left   int                 // nodes that there may still be; none once an anchor holds itself
	within map[*yaml.Node]bool // what the present node is a part of
}

func (e *expander) copy(n *yaml.Node) *yaml.Node {
	n = target(n)
	own := *n
	own.Anchor, own.Content = "", nil
	if e.within[n] {
		e.left = 0
	}
	if e.left--; e.left <= 0 {
		return &own
	}
	e.within[n] = true
	if n.Kind == yaml.MappingNode {
		f := merger{e: e, own: &own, keys: map[string]bool{}, seen: map[*yaml.Node]bool{}}
		f.add(n)
	} else {
		for _, c := range n.Content {
			own.Content = append(own.Content, e.copy(c))
		}
	}
	delete(e.within, n)
	return &own
}

// merger fills one mapping; like Load, it merges each mapping once.
type merger struct {
	e    *expander
	own  *yaml.Node
	keys map[string]bool
	seen map[*yaml.Node]bool
}

// add takes the keys of n, and then those merged into it, unless they are there.
func (f *merger) add(n *yaml.Node) {
	if n = target(n); f.seen[n] {
		return
	}
	f.seen[n] = true
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			f.add(item)
		}
		return
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content) && f.e.left > 0; i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.ShortTag() == "!!merge":
			merged = append(merged, v)
		case !f.keys[k.Value]:
			f.keys[k.Value] = true
			f.own.Content = append(f.own.Content, f.e.copy(k), f.e.copy(v))
		}
	}
	for _, m := range merged {
		f.add(m)
	}
}

// target is n, or what n is an alias of.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// lookup is the value of key in n, or nil.
func lookup(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// items are the elements of a sequence; of a single value it alone, as where one may stand without a list.
func items(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	}
	return nil
}

// put makes value the value of key in n.
func put(n *yaml.Node, key string, value *yaml.Node) {
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

// entry is the mapping at key in n, made when it is not there.
func entry(n *yaml.Node, key string) *yaml.Node {
	if found := lookup(n, key); found != nil && found.Kind == yaml.MappingNode {
		return found
	}
	own := &yaml.Node{Kind: yaml.MappingNode}
	put(n, key, own)
	return own
}

// drop removes the keys of n that are unwanted. What stands above the first of them as a comment is kept.
func drop(n *yaml.Node, unwanted func(key string) bool) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	var kept []*yaml.Node
	comment := ""
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if unwanted(k.Value) {
			if i == 0 {
				comment = k.HeadComment
			}
			continue
		}
		if comment != "" && k.HeadComment == "" {
			k.HeadComment = comment
		}
		comment = ""
		kept = append(kept, k, n.Content[i+1])
	}
	n.Content = kept
}
