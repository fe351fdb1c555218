package bridge

import (
	"crypto/sha256"
	"fmt"
	"os"
)

// contentsOf identifies what is in files, so that a certificate that was renewed in place is seen as changed. A name
// that is empty is no file; one that cannot be read counts by its error.
func contentsOf(paths ...string) string {
	h := sha256.New()
	for _, path := range paths {
		if path == "" {
			continue
		}
		b, err := os.ReadFile(path)
		fmt.Fprintf(h, "%q %v %d ", path, err, len(b))
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
