package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/crypto/bcrypt"

	"tagbridge/mapping/source"
)

// minToken is the least length of a token: shorter ones can be guessed.
const minToken = 16

// users knows who may use the API: name and password by HTTP's basic scheme, or a bearer token.
type users struct {
	hashes map[string][]byte // bcrypt, by name
	edit   map[string]bool   // who may edit, by name
	tokens [][sha256.Size]byte

	logins *logins
}

// errNobody is why a users file is of no use.
var errNobody = errors.New("nobody is in it")

// readUsers reads a file with a line for each user, name:HASH with a bcrypt hash as htpasswd -B makes it, name:HASH:edit for
// one who may edit, or a bearer token of at least 16 characters. Blank lines and those that begin with # are ignored.
func readUsers(path string) (*users, error) {
	b, err := readUsersText(path)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	u := &users{hashes: map[string][]byte{}, edit: map[string]bool{}}
	u.logins = newLogins(u.right)
	lines := map[string]int{} // by name
	for n, line := range strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case strings.Contains(line, ":"):
			l, err := parseUser(line)
			if err == nil && lines[l.name] > 0 {
				err = fmt.Errorf(": %s is in line %d already: tagbridge user add FILE %s makes %w", l.name, lines[l.name], l.name, errTwice)
			}
			if err != nil {
				return nil, fmt.Errorf("read users %s: line %d%w", path, n+1, err)
			}
			lines[l.name] = n + 1
			u.hashes[l.name], u.edit[l.name] = []byte(l.hash), l.edit
		case len(line) < minToken:
			return nil, fmt.Errorf("read users %s: line %d is neither name:HASH nor a token of %d characters or more", path, n+1, minToken)
		default:
			u.tokens = append(u.tokens, sha256.Sum256([]byte(line)))
		}
	}
	if len(u.hashes)+len(u.tokens) == 0 {
		return nil, fmt.Errorf("read users %s: %w: tagbridge user add FILE NAME", path, errNobody)
	}
	return u, nil
}

// errTwice is why a file is not read in which somebody has two lines: which of them counts, and with which rights, is not said.
var errTwice = errors.New("one line of them")

// readUsersText is the text of the file at path.
func readUsersText(path string) ([]byte, error) {
	// Without O_NONBLOCK, opening a pipe that nobody writes to would block for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxUsers+1))
	if err == nil && len(b) > maxUsers {
		err = fmt.Errorf("%s is larger than %d MiB: that is no users file", path, maxUsers>>20)
	}
	return b, err
}

// userLine is a line of one who logs in with a name.
type userLine struct {
	name, hash string
	edit       bool
}

// maxCost is how slow a hash may be: at 16 checking one takes some seconds, each more doubles that, and one is checked at a time.
const maxCost = 16

// parseUser reads name:HASH or name:HASH:edit. The error goes on after the number of the line.
func parseUser(line string) (l userLine, err error) {
	name, rest, _ := strings.Cut(line, ":")
	hash, role, roled := strings.Cut(rest, ":")
	l = userLine{name, hash, roled}
	cost, err := bcrypt.Cost([]byte(hash))
	switch {
	case strings.ContainsFunc(name, isHidden):
		return l, errors.New(": a name has no control characters")
	case strings.TrimSpace(name) != name:
		return l, fmt.Errorf(": a name has no blank at its end (%q)", name)
	case err != nil || name == "" || len(hash) != hashLength:
		return l, errors.New(" is not name:HASH with a bcrypt hash (tagbridge user add FILE NAME makes one)")
	case cost > maxCost:
		return l, fmt.Errorf(": the hash of %s takes too long to check: its cost is %d, at most %d is taken (tagbridge user add FILE NAME makes one)",
			name, cost, maxCost)
	case roled && role != "edit":
		return l, fmt.Errorf(": after the hash of %s only :edit may follow%s", name, source.DidYouMean(role, []string{"edit"}))
	}
	return l, nil
}

// hashLength is how long every hash of bcrypt is.
const hashLength = 60

// isHidden reports a character that is not seen, or turns others round.
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// admit says whether r comes from a user, and from which; a token has no name.
func (u *users) admit(r *http.Request) (verdict, visitor) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		sum := sha256.Sum256([]byte(token))
		found := 0
		for _, t := range u.tokens {
			found |= subtle.ConstantTimeCompare(t[:], sum[:])
		}
		if found == 1 {
			return admitted, visitor{}
		}
		return refused, visitor{}
	}
	name, password, ok := r.BasicAuth()
	if !ok {
		return refused, visitor{}
	}
	peer, _, _ := net.SplitHostPort(r.RemoteAddr)
	return u.logins.check(r.Context(), peer, name, password), visitor{name, u.edit[name]}
}

// nobody is the hash that the password of an unknown user is compared with, so that names cannot be told by time.
var nobody = []byte("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5l0QO1SMKrRJ3jKfwJ9GO0aX9e8tW")

// right reports that the password of that user is right. It is slow.
func (u *users) right(name, password string) bool {
	hash, there := u.hashes[name]
	if !there {
		hash = nobody
	}
	return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil && there
}

// guard lets only users pass, but for the path that tells that the process is alive.
func (u *users) guard(next http.Handler) http.Handler {
	if u == nil {
		return onlyLoopback(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			next.ServeHTTP(w, r)
			return
		}
		switch verdict, who := u.admit(r); verdict {
		case admitted:
			next.ServeHTTP(w, who.as(r))
		case tooMany:
			w.Header().Set("Retry-After", strconv.Itoa(int(longestWait/time.Second)))
			refuse(w, http.StatusTooManyRequests, "too many wrong passwords: wait %v", longestWait)
		default:
			w.Header().Set("WWW-Authenticate", `Basic realm="tagbridge", charset="UTF-8"`)
			refuse(w, http.StatusUnauthorized, "name and password, or a token, are needed")
		}
	})
}
