// Package configs carries the examples and the manual of this folder into the program, so that the demo runs from the
// binary alone and the manual is at hand where there is no network.
package configs

import "embed"

// Files are the demo's configuration and the tag maps.
//
//go:embed demo.yaml tags
var Files embed.FS

// Manual is the folder manual: Markdown, README.md being its contents.
//
//go:embed manual
var Manual embed.FS

// Profiles is the folder profiles: maps of known devices.
//
//go:embed profiles
var Profiles embed.FS

// Copyright says under which licences the program is, and the modules that it is linked from, as Debian wants it.
//
//go:embed package/copyright
var Copyright string
