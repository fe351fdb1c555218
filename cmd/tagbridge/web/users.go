package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

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
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	u := &users{hashes: map[string][]byte{}, edit: map[string]bool{}}
	u.logins = newLogins(u.right)
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		name, hash, pair := strings.Cut(line, ":")
		hash, role, roled := strings.Cut(hash, ":")
		switch {
		case line == "" || line[0] == '#':
		case pair:
			if _, err := bcrypt.Cost([]byte(hash)); err != nil || name == "" {
				return nil, fmt.Errorf("read users %s: line %d is not name:HASH with a bcrypt hash (tagbridge user add FILE NAME makes one)", path, n+1)
			}
			if roled && role != "edit" {
				return nil, fmt.Errorf("read users %s: line %d: after the hash of %s only :edit may follow%s", path, n+1, name, source.DidYouMean(role, []string{"edit"}))
			}
			u.hashes[name], u.edit[name] = []byte(hash), roled
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
