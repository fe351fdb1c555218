package journal

import (
	"errors"
	"strings"
	"testing"
)

func TestIdentity(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	first, err := j.Identity()
	if err != nil || first.ID == 0 || first.Origin != 0 {
		t.Fatalf("Identity = %+v, %v", first, err)
	}
	appendCount(t, j, countGroup("a", 7), 0)
	disk{j}.flush()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openOn(t, d.kill(), Options{})
	if again, err := j.Identity(); err != nil || again != first || j.Opened() != 7 {
		t.Fatalf("after a kill: %+v, %v, opened at %d, want %+v", again, err, j.Opened(), first)
	}
	branch, err := j.Branch()
	if err != nil || branch.ID == first.ID || branch.Origin != first.ID || branch.First != 7 {
		t.Fatalf("Branch = %+v, %v", branch, err)
	}
	d = j.files.folder.(watchedFolder).folder.(*memFolder)
	j.Close()
	j = openOn(t, d.kill(), Options{})
	if again, err := j.Identity(); err != nil || again != branch {
		t.Fatalf("after the branch: %+v, %v, want %+v", again, err, branch)
	}
	j.Close()
	d = d.kill()
	for at := range d.files[identityName].data {
		odd := d.kill()
		odd.files[identityName].data[at] ^= 1
		j := openOn(t, odd, Options{})
		if is, err := j.Identity(); err != nil || is.ID == branch.ID || is.ID == 0 {
			t.Errorf("byte %d changed: %+v, %v", at, is, err)
		}
		j.Close()
	}
}

// TestIdentityNotKept has the disk refuse it: it stays as it is for as long as the process, which is told why.
func TestIdentityNotKept(t *testing.T) {
	d := newMemFolder()
	d.fail = func(op, name string) error {
		if strings.HasPrefix(name, identityName) && op != "open" {
			return errors.New("no disk")
		}
		return nil
	}
	j := openOn(t, d, Options{})
	defer j.Close()
	a, err := j.Identity()
	if err == nil || a.ID == 0 {
		t.Fatalf("Identity = %+v, %v", a, err)
	}
	if b, err := j.Identity(); b != a || err == nil {
		t.Errorf("again = %+v, %v", b, err)
	}
	d.fail = nil
	if b, err := j.Identity(); b != a || err != nil {
		t.Errorf("with a disk = %+v, %v", b, err)
	}
	m, _ := Open(Options{})
	defer m.Close()
	if a, err := m.Identity(); a.ID == 0 || err != nil {
		t.Errorf("in memory: %+v, %v", a, err)
	}
}
