// Package configs carries the examples of this folder into the program, so that the demo runs from the binary alone.
package configs

import "embed"

// Files are the demo's configuration and the tag maps.
//
//go:embed demo.yaml tags
var Files embed.FS
