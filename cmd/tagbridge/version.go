package main

import (
	"fmt"
	"runtime"
)

type versionVerb struct{}

// Run prints one line: version, commit when known, Go version.
func (versionVerb) Run(std streams) error {
	line := "tagbridge " + version
	if commit != "" {
		line += " " + commit
	}
	_, err := fmt.Fprintf(std.out, "%s %s %s/%s\n", line, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
