package store

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The names of what a cluster has in JetStream.

// Claims is the bucket of who has what.
func Claims(bridge string) string { return "tagbridge-" + part(bridge) + "-claims" }

// Cursors is the bucket of how far each sink of each member has come.
func Cursors(bridge string) string { return "tagbridge-" + part(bridge) + "-cursors" }

// Revisions is the object store of configurations.
func Revisions(bridge string) string { return "tagbridge-" + part(bridge) + "-revisions" }

// Records is the stream of what a member has read.
func Records(bridge, node string) string {
	return "tagbridge-" + part(bridge) + between + part(node)
}

// RecordsOf is Records of a member whose name is a part of a key already.
func RecordsOf(bridge, node string) string { return "tagbridge-" + part(bridge) + between + node }

// between stands between two names, and in none of them.
const between = "-records-"

// Key is a key of a bucket with those parts, in which any of them may have any letters; a dot stands between two. Different parts never make
// the same key.
func Key(parts ...string) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = part(p)
	}
	return strings.Join(list, ".")
}

// The bounds of a part: longer ones are cut, and end with a hash.
const (
	mostOfPart = 64
	hashDigits = 16
)

// part is name as it stands in the name of a stream or in a key: letters, digits, - and _. One that has something else in it, or that could be
// taken for what is made of another one, is made of what is left, and a hash.
func part(name string) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
	if text == name && name != "" && len(name) <= mostOfPart && !strings.Contains("-"+name+"-", between) && !looksHashed(name) {
		return name
	}
	text = strings.ReplaceAll(text, "-records", "_records")
	text = strings.ReplaceAll(text, "records-", "records_")
	sum := sha256.Sum256([]byte(name))
	return text[:min(len(text), mostOfPart-hashDigits-1)] + "-" + hex.EncodeToString(sum[:hashDigits/2])
}

// looksHashed reports a name that ends like those that part makes.
func looksHashed(name string) bool {
	at := len(name) - hashDigits
	if at < 1 || name[at-1] != '-' {
		return false
	}
	return strings.Trim(name[at:], "0123456789abcdef") == ""
}
