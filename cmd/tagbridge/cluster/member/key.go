package member

import "hash/fnv"

// Key is an endpoint in beats: a hash of what it is called.
func Key(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // which never fails
	return h.Sum64() | 1
}
