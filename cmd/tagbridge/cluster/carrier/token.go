package carrier

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// Token is the name of a bridge as it stands in subjects, and in the names of buckets: letters, digits, - and _. Two names never
// have one token.
func Token(bridge string) string {
	token := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, bridge)
	if token != bridge || bridge == "" {
		token += fmt.Sprintf("-%08x", uint32(hashOf(bridge)))
	}
	return token
}

func hashOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text)) // which never fails
	return h.Sum64()
}

// subject is where beats of that bridge go, by the server that has that name for itself.
func subject(bridge, server string) string {
	return fmt.Sprintf("tagbridge.%s.beat.%s", Token(bridge), short(server))
}

// short is the name of a server, of 56 letters, in a few.
func short(server string) string { return fmt.Sprintf("%016x", hashOf(server)) }
