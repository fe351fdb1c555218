package revision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a push gets wrong, a push has to be able to mend: so what a member needs to hear of pushes is never pushed, nor what belongs to its PC.
var (
	// Own are the keys of bridge that stay each member's.
	Own = []string{"name", "data_dir", "http", "log", "journal", "cluster"}
	// SharedOfCluster are the keys of bridge.cluster that are pushed; the others stay.
	SharedOfCluster = []string{"takeover", "isolated", "label", "replicate"}
)

// document is a configuration in three parts: what comes before its section bridge, that, and what comes after it.
type document struct {
	before, section, after string
	bridge                 *yaml.Node // the mapping
}

var errShape = errors.New("is not written as blocks: bridge, devices and sinks each have to begin a line")

// split takes a configuration apart.
func split(text string) (*document, error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	var root yaml.Node
	if err := d.Decode(&root); err != nil {
		return nil, fmt.Errorf("is no YAML: %w", err)
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more than one YAML document")
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode || root.Content[0].Style&yaml.FlowStyle != 0 {
		return nil, errShape
	}
	top := root.Content[0]
	at, next := 0, 0 // lines
	var bridge *yaml.Node
	for i := 0; i+1 < len(top.Content); i += 2 {
		k := top.Content[i]
		switch {
		case k.Column != 1:
			return nil, errShape
		case at > 0 && next == 0:
			next = k.Line
		case k.Value == "bridge" && at == 0:
			at, bridge = k.Line, top.Content[i+1]
		}
	}
	if bridge == nil || bridge.Kind != yaml.MappingNode {
		return nil, errors.New("has no section bridge, or one that is an alias")
	}
	lines := strings.SplitAfter(text, "\n")
	if next == 0 {
		next = len(lines) + 1
	}
	if at < 1 || next <= at || next > len(lines)+1 {
		return nil, errShape
	}
	end := next - 1
	for end > at && isBetween(lines[end-1]) {
		end--
	}
	out := &document{strings.Join(lines[:at-1], ""), strings.Join(lines[at-1:end], ""), strings.Join(lines[end:], ""), bridge}
	if !strings.HasSuffix(out.section, "\n") {
		out.section += "\n"
	}
	return out, nil
}

// isBetween reports a line that is of neither section: an empty one, or a comment that begins it.
func isBetween(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")
}

// Shared is the part of a configuration that all members have: all of it but for what of its section bridge stays each member's own (see Own),
// and the comments in that section.
func Shared(text string) (string, error) {
	out, err := cutOwn(text)
	if err != nil {
		return "", err
	}
	if again, err := cutOwn(out); err != nil || again != out {
		return "", errUnwritable
	}
	return out, nil
}

// errUnwritable is a section that is another one once it is written and read again, as some texts of many lines are in YAML.
var errUnwritable = errors.New("has a text in its section bridge that changes when it is written again: write it on one line, in quotes")

// cutOwn is text without what of bridge stays each member's own.
func cutOwn(text string) (string, error) {
	d, err := split(text)
	if err != nil {
		return "", err
	}
	shared, err := sharedOf(d.bridge)
	if err != nil {
		return "", err
	}
	section, err := encode(shared)
	if err != nil {
		return "", err
	}
	out := d.before + section + d.after
	if _, err := split(out); err != nil { // such as an alias whose anchor was in what stays
		return "", fmt.Errorf("%w, without what of bridge stays each member's own", err)
	}
	return out, nil
}

// Merge is the configuration of a member: what is shared, with what of bridge is its own. Where it has all that is shared of bridge, its
// section is left as it was written.
func Merge(shared, own string) (string, error) {
	out, err := merge(shared, own)
	if err != nil {
		return "", err
	}
	if got, err := cutOwn(out); err != nil || got != shared {
		return "", fmt.Errorf("the revision's configuration, with what is this member's own, %w", errUnwritable)
	}
	return out, nil
}

func merge(shared, own string) (string, error) {
	from, err := split(shared)
	if err != nil {
		return "", fmt.Errorf("the revision's configuration %w", err)
	}
	to, err := split(own)
	if err != nil {
		return "", fmt.Errorf("the configuration here %w", err)
	}
	want, err := sharedOf(from.bridge)
	if err != nil {
		return "", fmt.Errorf("the revision's configuration %w", err)
	}
	has, err := sharedOf(to.bridge)
	if err != nil {
		return "", fmt.Errorf("the configuration here %w", err)
	}
	section := to.section
	if !equal(has, want) {
		if section, err = mergeSection(to.bridge, want); err != nil {
			return "", err
		}
	}
	out := from.before + section + from.after
	got, err := Shared(out)
	if err == nil && got != shared {
		err = errors.New("is another one after it was put together with what is this member's own")
	}
	if err != nil {
		return "", fmt.Errorf("the revision's configuration %w", err)
	}
	return out, nil
}

// mergeSection is the section bridge with the shared keys of want in place of its own ones.
func mergeSection(bridge, want *yaml.Node) (string, error) {
	bridge = resolve(bridge, true, 0)
	if bridge == nil {
		return "", errors.New("bridge of the configuration here has too much in it")
	}
	cluster := lookup(bridge, "cluster")
	remove(bridge, func(key string) bool { return !slices.Contains(Own, key) })
	if cluster != nil && cluster.Kind == yaml.MappingNode {
		remove(cluster, func(key string) bool { return slices.Contains(SharedOfCluster, key) })
	}
	for i := 0; i+1 < len(want.Content); i += 2 {
		k, v := want.Content[i], want.Content[i+1]
		if k.Value != "cluster" {
			bridge.Content = append(bridge.Content, k, v)
			continue
		}
		if cluster == nil || cluster.Kind != yaml.MappingNode {
			return "", errors.New("bridge of the configuration here has no section cluster")
		}
		cluster.Content = append(cluster.Content, v.Content...)
	}
	return encode(bridge)
}

// sharedOf are the shared keys of a section bridge, in the order of the alphabet.
func sharedOf(bridge *yaml.Node) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	bridge = resolve(bridge, false, 0)
	if bridge == nil {
		return nil, errors.New("has in its section bridge << (merged keys), or too much: write its keys out")
	}
	var keys []string
	for i := 0; i+1 < len(bridge.Content); i += 2 {
		keys = append(keys, bridge.Content[i].Value)
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		value := lookup(bridge, key)
		if key == "cluster" && value.Kind == yaml.MappingNode {
			remove(value, func(key string) bool { return !slices.Contains(SharedOfCluster, key) })
			order(value)
		} else if slices.Contains(Own, key) {
			continue
		}
		if value.Kind == yaml.MappingNode && len(value.Content) == 0 {
			continue
		}
		out.Content = append(out.Content, scalar(key), value)
	}
	return out, nil
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

// order sorts the keys of a mapping.
func order(n *yaml.Node) {
	type pair struct{ k, v *yaml.Node }
	var list []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		list = append(list, pair{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(list, func(a, b pair) int { return strings.Compare(a.k.Value, b.k.Value) })
	n.Content = n.Content[:0]
	for _, p := range list {
		n.Content = append(n.Content, p.k, p.v)
	}
}

// maxDeep is how deep a section bridge may be.
const maxDeep = 50

// resolve is a copy of n in which aliases are what they stand for; without comments and ways of writing, unless they are kept. nil: it is too deep.
func resolve(n *yaml.Node, keep bool, deep int) *yaml.Node {
	if deep > maxDeep {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return resolve(n.Alias, keep, deep+1)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	if keep {
		out.Style, out.HeadComment, out.LineComment, out.FootComment = n.Style, n.HeadComment, n.LineComment, n.FootComment
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.ShortTag() == "!!merge" {
			return nil // it would have to be known which keys it brings
		}
		own := resolve(c, keep, deep+1)
		if own == nil {
			return nil
		}
		out.Content = append(out.Content, own)
	}
	return out
}

func lookup(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func remove(n *yaml.Node, unwanted func(key string) bool) {
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !unwanted(n.Content[i].Value) {
			kept = append(kept, n.Content[i], n.Content[i+1])
		}
	}
	n.Content = kept
}

// encode is a section bridge as text.
func encode(bridge *yaml.Node) (string, error) {
	if len(bridge.Content) == 0 {
		return "bridge: {}\n", nil
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	err := e.Encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar("bridge"), bridge}})
	return b.String(), errors.Join(err, e.Close())
}

func equal(a, b *yaml.Node) bool {
	x, errX := encode(a)
	y, errY := encode(b)
	return errX == nil && errY == nil && x == y
}
