package main

import (
	"os/exec"
	"strings"
	"testing"
)

// testsOnly are packages that tests need and that the program must never be linked from: servers larger than it is itself, and
// what runs them.
var testsOnly = []string{"github.com/nats-io/nats-server/", "github.com/nats-io/jwt/", "tagbridge/testrig/natsd", "testing"}

// TestNeverLinked looks at all that the program is linked from.
func TestNeverLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := strings.Fields(string(out))
	if len(all) < 100 {
		t.Fatalf("the program is linked from %d packages only", len(all))
	}
	for _, name := range all {
		for _, never := range testsOnly {
			if name == never || strings.HasSuffix(never, "/") && strings.HasPrefix(name, never) {
				t.Errorf("the program is linked from %s, which is for tests only", name)
			}
		}
	}
}
