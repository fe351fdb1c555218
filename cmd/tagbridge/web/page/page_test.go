package page

import (
	"os"
	"regexp"
	"testing"
)

// TestLockNamesNoAddress: where packages come from is the business of who builds, and may change.
func TestLockNamesNoAddress(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`"resolved"`, `registry`, `https?://[^"]*\.tgz`, `npmjs`} {
		if found := regexp.MustCompile(bad).Find(lock); found != nil {
			t.Errorf("package-lock.json has %s in it; .npmrc has npm leave addresses out", found)
		}
	}
	if len(lock) < 1000 {
		t.Errorf("package-lock.json has only %d bytes", len(lock))
	}
}

// TestVersionsAreExact: the same commit builds the same page.
func TestVersionsAreExact(t *testing.T) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^    "[^"]+": "([^"]*)",?$`).FindAllSubmatch(text, -1)
	exact := regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
	packages := 0
	for _, f := range found {
		switch version := string(f[1]); {
		case exact.MatchString(version):
			packages++
		case regexp.MustCompile(`^[~^*]|^$|latest|[|]`).MatchString(version):
			t.Errorf("package.json: %s is not a version", version)
		}
	}
	if packages < 5 {
		t.Errorf("package.json: only %d versions were found", packages)
	}
}

// TestSizeOfThePage: a panel PC at the end of a radio link loads it too.
func TestSizeOfThePage(t *testing.T) {
	const most = 130_000
	total := 0
	for _, content := range Files() {
		total += len(content)
	}
	if total > most {
		t.Errorf("the page has %d bytes compressed, at most %d are meant", total, most)
	}
	t.Logf("%d bytes in %d files", total, len(Files()))
}
