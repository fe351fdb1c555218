package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFolderRemoved removes the folder under a running journal: it says so, and what comes next survives a restart.
func TestFolderRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "journal")
	j, err := Open(Options{Dir: dir, Sync: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := j.Start("s", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	disk{j}.flush()
	disk{j}.sync()
	if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	appendCount(t, j, countGroup("a", 10), 10)
	disk{j}.flush()
	disk{j}.sync()
	if err := j.Failing(); err == nil || !strings.Contains(err.Error(), "removed") {
		t.Errorf("Failing = %v", err)
	}
	disk{j}.flush()
	disk{j}.sync()
	if err := j.Failing(); err != nil {
		t.Errorf("Failing = %v once the folder is there again", err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if j, err = Open(Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if at, _ := j.Start("s", "now"); at != p {
		t.Errorf("the sink begins at %d, want %d", at, p)
	}
	if seen, _, lost := drain(t, j, p, everything); len(seen) != 20 || lost > 0 {
		t.Errorf("%d samples, lost %d, want the 20 that were in memory", len(seen), lost)
	}
}
