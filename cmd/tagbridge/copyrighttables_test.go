package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tablesCopyright is the paragraph of the tables that are in the program and were made of others' work. shared names the
// licences that stand at the end of the file.
func tablesCopyright(t *testing.T, shared map[string]string) string {
	t.Helper()
	apache := ""
	for text, name := range shared {
		if strings.HasPrefix(name, "Apache-2.0-") && strings.Contains(text, "TERMS AND CONDITIONS FOR USE, REPRODUCTION") {
			apache = name
		}
	}
	if apache == "" {
		t.Error("no module brings the text of Apache-2.0: the tables need it")
	}
	notice, err := os.ReadFile(filepath.Join(root, "mapping/sunspec/NOTICE"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("\nFiles: mapping/sunspec/models.txt\nCopyright: the SunSpec Alliance\nLicense: %s\nComment:\n%s", apache, field(strings.TrimSpace(string(notice))))
}
