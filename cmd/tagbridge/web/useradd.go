package web

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/cmd/tagbridge/bridge"
)

const (
	maxUsers     = 1 << 20 // bytes of a users file that is written
	maxUserName  = 64
	leastSecret  = 8
	mostSecret   = 72 // bytes: bcrypt looks at no more
	usersMode    = 0o600
	usersModeMax = 0o640 // of a file that is there: a service may read it by its group
)

// User is what a line of a users file says.
type User struct {
	Name, Password string
	Edit           bool // may change things from the page
}

// AddUser writes the line of u to the users file at path, in place of one with that name, and makes the file where there is
// none. It reports whether there was such a line. A file that the bridge could not read is left alone.
func AddUser(path string, u User) (replaced bool, err error) {
	if err := CheckUserName(u.Name); err != nil {
		return false, err
	}
	if err := CheckPassword(u.Password); err != nil {
		return false, err
	}
	old, err := usersText(path)
	if err != nil {
		return false, err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(u.Password), bcrypt.DefaultCost)
	if err != nil {
		return false, fmt.Errorf("hash password: %w", err)
	}
	line := u.Name + ":" + string(hash)
	if u.Edit {
		line += ":edit"
	}
	text, replaced := withUser(old, u.Name, line)
	mode := fs.FileMode(usersMode)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm() & usersModeMax
	}
	return replaced, bridge.ReplaceFileAs(path, text, mode)
}

// CheckUserName is why no line of a users file can begin with name, or no browser can send it.
func CheckUserName(name string) error {
	switch {
	case name == "":
		return errors.New("a user needs a name")
	case !utf8.ValidString(name) || len(name) > maxUserName:
		return fmt.Errorf("a user's name has at most %d characters", maxUserName)
	case strings.Contains(name, ":"):
		return fmt.Errorf("user %q: a name has no colon: what follows one is the hash", name)
	case name[0] == '#':
		return fmt.Errorf("user %q: a line that begins with # is a comment", name)
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return fmt.Errorf("user %q: a name has no blanks and no characters that are not seen", name)
	}
	return nil
}

// CheckPassword is why password cannot be one.
func CheckPassword(password string) error {
	switch {
	case len(password) < leastSecret:
		return fmt.Errorf("a password has %d characters or more", leastSecret)
	case len(password) > mostSecret:
		return fmt.Errorf("a password has at most %d bytes: bcrypt looks at no more", mostSecret)
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("a password has no control characters: no browser sends them")
	}
	return nil
}

// usersText is what is in the users file at path, without lines where there is none.
func usersText(path string) ([]byte, error) {
	text, err := readUsersText(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := readUsers(path); err != nil && !errors.Is(err, errNobody) && !errors.Is(err, errTwice) {
		return nil, fmt.Errorf("%w: it is left as it is", err)
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil // which would be of the first name
}

// withUser is text with line in place of the first of that name, without others of it, else after all.
func withUser(text []byte, name, line string) (with []byte, replaced bool) {
	ending := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		ending = "\r\n"
	}
	var b bytes.Buffer
	for l := range bytes.Lines(text) {
		found, _, pair := bytes.Cut(bytes.TrimSpace(l), []byte(":"))
		switch {
		case !pair || string(found) != name:
			b.Write(l)
		case !replaced:
			b.WriteString(line + ending)
			replaced = true
		}
	}
	if !replaced {
		if b.Len() > 0 && !bytes.HasSuffix(b.Bytes(), []byte("\n")) {
			b.WriteString(ending)
		}
		b.WriteString(line + ending)
	}
	return b.Bytes(), replaced
}
