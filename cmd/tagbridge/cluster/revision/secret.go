package revision

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
)

// secretKeys are the keys whose values are secrets; at others a secret is known by how it looks.
var secretKeys = []string{"password", "token", "nkey", "sas_key", "secret", "passphrase"}

// How secrets look.
var (
	inURL     = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\s"'@:]*:([^/?#\s"'@]+)@`)
	aloneURL  = regexp.MustCompile(`\b(?:nats|tls)://([^/?#\s"'@:]+)@`)
	inQuery   = regexp.MustCompile(`(?i)[?&](?:password|token|secret|sig|key)=([^&\s"']+)`)
	pem       = regexp.MustCompile(`-----BEGIN ([A-Z ]*PRIVATE KEY|NATS USER JWT|USER NKEY SEED)`)
	seed      = regexp.MustCompile(`\b(S[UAO][A-Z2-7]{56})\b`)
	inComment = regexp.MustCompile(`(?i)#.*\b(?:password|token|nkey|sas_key|passphrase)\s*[:=]\s*["']?([^\s"',}]+)["']?\s*[},]*\s*$`)
)

// refers reports that text, or what matters of it, comes from outside.
func refers(text string) bool { return strings.Contains(strings.ReplaceAll(text, "$${", ""), "${") }

// bears reports that text looks as if a secret were written out in it.
func bears(text string) bool {
	for _, look := range []*regexp.Regexp{inURL, aloneURL, inQuery, pem, seed} {
		for _, found := range look.FindAllStringSubmatch(text, -1) {
			if !refers(found[1]) {
				return true
			}
		}
	}
	return false
}

// advice is what to do about a secret.
const advice = "is written out here, and would lie in NATS and on every member: write ${file:/run/secrets/NAME}, ${env:NAME} or ${credential:NAME} in its place, and give each member its own"

// writtenOut are the places of a configuration in which a secret is written out; what of its section bridge stays each member's own is not looked at.
func writtenOut(file, text string) (found source.Problems) {
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) != 1 {
		return nil // which is said by who loads it
	}
	top := root.Content[0]
	from, to := 0, 0 // the lines of bridge
	for i := 0; i+1 < len(top.Content); i += 2 {
		k := top.Content[i]
		switch {
		case k.Value == "bridge":
			from = k.Line
			continue
		case from > 0 && to == 0:
			to = k.Line
		}
		found = append(found, inNode(file, k.Value, top.Content[i+1], 0)...)
	}
	told := map[int]bool{}
	for _, p := range found {
		told[p.Line] = true
	}
	for i, line := range strings.Split(text, "\n") {
		at := i + 1
		if told[at] || from > 0 && at >= from && (at < to || to == 0) {
			continue
		}
		if found2 := inComment.FindStringSubmatch(line); found2 != nil && !refers(found2[1]) || bears(line) {
			found = append(found, problem(file, at, 1, "a secret "+advice))
		}
	}
	return found
}

// inNode are those of a node and what is below it.
func inNode(file, key string, n *yaml.Node, deep int) (found source.Problems) {
	if n == nil || deep > maxDeep || n.Kind == yaml.AliasNode { // what an alias stands for is looked at where it is written
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		secret := slices.Contains(secretKeys, strings.ToLower(key)) && n.Value != "" && n.ShortTag() != "!!null"
		if secret && !refers(n.Value) || bears(n.Value) {
			found = append(found, problem(file, n.Line, n.Column, fmt.Sprintf("a secret at %s %s", key, advice)))
		}
		return found
	}
	for i, c := range n.Content {
		below := key
		if n.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			below = n.Content[i-1].Value
			if at := strings.LastIndexByte(below, '.'); at >= 0 { // of a table
				below = below[at+1:]
			}
		}
		found = append(found, inNode(file, below, c, deep+1)...)
	}
	return found
}

// inText are those of a map.
func inText(file string, text []byte) (found source.Problems) {
	for i, line := range strings.Split(string(text), "\n") {
		if bears(line) {
			found = append(found, problem(file, i+1, 1, "a secret "+advice))
		}
	}
	return found
}

func problem(file string, line, column int, message string) source.Problem {
	return source.Problem{File: file, Line: line, Column: column, Message: message}
}
