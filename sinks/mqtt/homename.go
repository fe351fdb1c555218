package mqtt

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// homePart is how much of a name is in a topic of Home Assistant.
const homePart = 60

// homeID is names as one level of a topic of Home Assistant, which takes letters of ASCII, digits, _ and -. Different names
// make different ones: what is lost of a name is made up for by a checksum of it.
func homeID(names ...string) string {
	for i, name := range names {
		id := slug(name)
		if len(id) > homePart {
			id = id[:homePart]
		}
		// Two _ in a row come between names only.
		if id != name || strings.Contains(id, "__") || strings.HasSuffix(id, "_") {
			sum := sha256.Sum256([]byte(name))
			id = strings.ReplaceAll(id, "__", "_-") + "-" + hex.EncodeToString(sum[:6])
		}
		names[i] = id
	}
	return strings.Join(names, "__")
}

// slug is name with _ in place of what Home Assistant does not take.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
}
