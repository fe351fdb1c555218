package web

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// TestOddUsersFiles has files as editors of other systems, and people who paste, leave them.
func TestOddUsersFiles(t *testing.T) {
	made, err := bcrypt.GenerateFromPassword([]byte("open sesame"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	hash := string(made)
	slow := strings.Replace(hash, "$04$", "$31$", 1)
	path := filepath.Join(t.TempDir(), "users")
	for text, want := range map[string]string{
		"anna:" + hash + ":edit\r\nguard:" + hash + "\r\n":              "",
		"\xef\xbb\xbfanna:" + hash + ":edit\n":                          "",
		"# who may\n\n  anna:" + hash + ":edit  ":                       "",
		"anna:" + hash + "\nguard:" + hash + "\nanna:" + hash + ":edit": "line 3: anna is in line 1 already",
		"anna:" + hash + ":edit\nanna:" + hash + ":edit":                "line 2: anna is in line 1 already",
		"anna:" + slow + "\n":                                           "line 1: the hash of anna takes too long to check",
		"anna:" + hash + ":Edit":                                        "did you mean edit?",
		"anna:" + hash + ":":                                            "only :edit may follow",
		"anna:" + hash + ":edit:edit":                                   "only :edit may follow",
		":" + hash:                                                      "line 1",
		"an\x1bna:" + hash:                                              "line 1: a name has no control characters",
		"an\u202ena:" + hash:                                            "line 1: a name has no control characters",
		"anna :" + hash:                                                 "line 1: a name has no blank at its end",
		"anna: " + hash:                                                 "line 1 is not name:HASH",
		"anna:" + hash + "\rguard:" + hash + "\r":                       "line 1",
		"a\x00n\x00n\x00a\x00:\x00":                                     "line 1",
		strings.Repeat("# nobody\n", 200_000):                           "larger than 1 MiB",
		"anna:$2a$10$short":                                             "line 1 is not name:HASH",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		u, err := readUsers(path)
		switch {
		case want == "" && (err != nil || !u.edit["anna"] || !u.right("anna", "open sesame")):
			t.Errorf("%.60q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%.60q: %v, want %s", text, err, want)
		case err != nil && (strings.Contains(err.Error(), hash[7:]) || strings.ContainsAny(err.Error(), "\x1b\u202e")):
			t.Errorf("the error tells: %q", err)
		}
	}
	for name, make := range map[string]func(path string) error{
		"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"device": func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		path := filepath.Join(t.TempDir(), "users")
		if err := make(path); err != nil {
			t.Fatal(err)
		}
		if _, err := readUsers(path); err == nil || !strings.Contains(err.Error(), "no regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAddUserMends has a user who is in the file twice, and marks that are no part of a name.
func TestAddUserMends(t *testing.T) {
	made, err := bcrypt.GenerateFromPassword([]byte("old words"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "users")
	text := "\xef\xbb\xbfanna:" + string(made) + "\r\nguard:" + string(made) + "\r\nanna:" + string(made) + ":edit\r\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := AddUser(path, User{Name: "anna", Password: "open sesame", Edit: true}); err != nil {
		t.Fatal(err)
	}
	u, err := readUsers(path)
	if err != nil || len(u.hashes) != 2 || !u.edit["anna"] || !u.right("anna", "open sesame") || !u.right("guard", "old words") {
		t.Errorf("%v", err)
	}
}
