package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tagbridge/configs"
)

// pageFolder is where the sources of the page are.
const pageFolder = root + "/cmd/tagbridge/web/page"

// pageCopyright are the paragraphs of the packages that the page is built from. Where they are not installed, those stay
// that are there, if they are of the versions that package.json names.
func pageCopyright(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(pageFolder, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &said); err != nil || len(said.Dependencies) == 0 {
		t.Fatalf("package.json names no dependencies: %v", err)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(said.Dependencies)) {
		version := said.Dependencies[name]
		licence, err := os.ReadFile(filepath.Join(pageFolder, "node_modules", name, "LICENSE"))
		switch {
		case err == nil:
			m := &linked{version: version, texts: []string{strings.TrimSpace(strings.ReplaceAll(string(licence), "\r", ""))}}
			b.WriteString(strings.Replace(m.paragraph(nil, nil), "\nFiles: vendor//*\n", pageHead(name), 1))
		case errors.Is(err, fs.ErrNotExist):
			b.WriteString(writtenParagraph(t, name, version))
		default:
			t.Fatal(err)
		}
	}
	return b.String()
}

// pageHead is the beginning of the paragraph of a package.
func pageHead(name string) string { return fmt.Sprintf("\nFiles: page/%s/*\n", name) }

// writtenParagraph is the paragraph of a package as it is in the file.
func writtenParagraph(t *testing.T, name, version string) string {
	t.Helper()
	_, after, there := strings.Cut(configs.Copyright, pageHead(name))
	after, _, _ = strings.Cut(after, "\n\n")
	if !there || !strings.HasSuffix(strings.TrimSpace(after), "\n "+version) {
		t.Errorf("configs/package/copyright has no licence of %s %s: run make page and make manual", name, version)
	}
	return pageHead(name) + strings.TrimSuffix(after, "\n") + "\n"
}
