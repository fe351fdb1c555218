// Package page is the page that the program serves, as its bundler has built it: compressed files, their names those of
// their content. The sources are TypeScript, in src; where Node.js was not there to build them, there is no page.
package page

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// packed is what the name of each file ends in.
const packed = ".gz"

// Index is the name of the file that a browser asks for first.
const Index = "index.html"

// Files are the files of the page by name, compressed by gzip; none when the page was not built.
func Files() map[string][]byte {
	files := map[string][]byte{}
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		panic(err) // it is in the program
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), packed)
		if !ok {
			continue
		}
		content, err := fs.ReadFile(dist, "dist/"+e.Name())
		if err != nil {
			panic(err)
		}
		files[name] = content
	}
	if files[Index] == nil {
		return nil
	}
	return files
}
