package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// hashed is a line of a user, made cheaply.
func hashed(t *testing.T, name, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return name + ":" + string(h)
}

func TestAddUser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	for _, u := range []User{{"anna", "correct horse", true}, {"guard", "staple battery", false}} {
		if replaced, err := AddUser(path, u); err != nil || replaced {
			t.Fatalf("AddUser(%s) = %v, %v", u.Name, replaced, err)
		}
	}
	if replaced, err := AddUser(path, User{"anna", "another pass", false}); err != nil || !replaced {
		t.Fatalf("AddUser again = %v, %v, want replaced", replaced, err)
	}
	u, err := readUsers(path)
	if err != nil {
		t.Fatal(err)
	}
	if !u.right("anna", "another pass") || u.right("anna", "correct horse") || !u.right("guard", "staple battery") {
		t.Error("the passwords of the file are not those that were given")
	}
	if u.edit["anna"] || u.edit["guard"] {
		t.Error("who was added without the right may edit")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, want 0600", info.Mode())
	}
}

// A file that is there keeps its other lines, comments, line ends and its group's right to read; not others' rights.
func TestAddUserKeepsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	guard := hashed(t, "guard", "x")
	before := "# who may look\r\n\r\n" + guard + "\r\n" + hashed(t, "anna", "y") + ":edit\r\n0123456789abcdef-token\r\n" +
		hashed(t, "anna", "z")
	if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := AddUser(path, User{"anna", "correct horse", true}); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(after), "\r\n")
	if len(lines) != 6 || lines[0] != "# who may look" || lines[2] != guard || lines[4] != "0123456789abcdef-token" ||
		!strings.HasPrefix(lines[3], "anna:$2") || !strings.HasSuffix(lines[3], ":edit") || lines[5] != "" {
		t.Errorf("the file is now\n%s", after)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o640 {
		t.Errorf("mode = %v, want 0640", info.Mode())
	}
}

func TestAddUserRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "users")
	const good = "correct horse"
	for _, c := range []struct {
		file string // what is there before; "" is nothing
		user User
		want string
	}{
		{"", User{Name: "", Password: good}, "needs a name"},
		{"", User{Name: "a:b", Password: good}, "colon"},
		{"", User{Name: "#a", Password: good}, "comment"},
		{"", User{Name: "a b", Password: good}, "blanks"},
		{"", User{Name: "a\nroot", Password: good}, "blanks"},
		{"", User{Name: "a\u200b", Password: good}, "not seen"},
		{"", User{Name: "a\xff", Password: good}, "characters"},
		{"", User{Name: strings.Repeat("a", 65), Password: good}, "64"},
		{"", User{Name: "anna", Password: "short"}, "8 characters"},
		{"", User{Name: "anna", Password: strings.Repeat("a", 73)}, "72 bytes"},
		{"", User{Name: "anna", Password: "correct\x03horse"}, "control"},
		{"anna:secret\n", User{Name: "anna", Password: good}, "line 1"},
		{"short token\n", User{Name: "anna", Password: good}, "line 1"},
	} {
		os.Remove(path)
		if c.file != "" {
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := AddUser(path, c.user)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("AddUser(%q, %+v) = %v, want %q", c.file, c.user, err, c.want)
			continue
		}
		if strings.Contains(err.Error(), good) {
			t.Errorf("AddUser(%+v): the error shows the password: %v", c.user, err)
		}
		if b, _ := os.ReadFile(path); string(b) != c.file {
			t.Errorf("AddUser(%q, %+v) left %q", c.file, c.user, b)
		}
	}
	if _, err := AddUser(dir, User{Name: "anna", Password: good}); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("AddUser(folder) = %v", err)
	}
}

// Whatever the file was, afterwards it can be read, and holds who was added once.
func FuzzWithUser(f *testing.F) {
	f.Add("# a\nguard:x\n", "anna")
	f.Add("anna:1\nanna:2", "anna")
	f.Add("\r\n anna :1\r\n", "anna")
	f.Fuzz(func(t *testing.T, text, name string) {
		if CheckUserName(name) != nil {
			return
		}
		with, _ := withUser([]byte(text), name, name+":new")
		n := 0
		for _, l := range strings.Split(string(with), "\n") {
			if found, hash, pair := strings.Cut(strings.TrimSpace(l), ":"); pair && found == name { // else it is no user
				n++
				if hash != "new" {
					t.Errorf("withUser(%q, %q) left %q", text, name, l)
				}
			}
		}
		if n != 1 {
			t.Errorf("withUser(%q, %q) = %q, which has %d lines of that name", text, name, with, n)
		}
	})
}
