package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

// Passwords are slow to check on purpose. Pairs of name and password that were right are known by a keyed hash and cost
// nothing again; others are checked one at a time, at low priority, and who has been wrong a few times waits before the next try
// is looked at, so that those who guess do not keep others waiting.
const (
	freeGuesses = 3
	longestWait = 8 * time.Second
	maxGuessers = 4096 // that are remembered
)

// verdict is what became of a login.
type verdict int

const (
	refused  verdict = iota
	admitted         // name and password are right
	tooMany          // not looked at: there were too many wrong ones
)

// logins checks names and passwords.
type logins struct {
	secret [sha256.Size]byte
	right  func(name, password string) bool // slow
	turn   chan struct{}                    // one at a time

	mu       sync.Mutex
	known    map[[sha256.Size]byte]bool
	guessers map[guesser]*guesses
}

// guesser is who tries: a peer, with one of some parts of all names, so that who guesses one name behind a proxy does not
// lock out all others there, and nobody learns by it which names there are.
type guesser struct {
	peer string
	part byte
}

type guesses struct {
	wrong  int
	next   time.Time // when another is looked at
	asking int       // under way
}

const nameParts = 64

func newLogins(right func(name, password string) bool) *logins {
	l := &logins{right: right, turn: make(chan struct{}, 1), known: map[[sha256.Size]byte]bool{}, guessers: map[guesser]*guesses{}}
	rand.Read(l.secret[:])
	return l
}

// check says whether name and password, which peer sends, are right.
func (l *logins) check(ctx context.Context, peer, name, password string) verdict {
	key := l.hash(fmt.Sprintf("%d:%s%s", len(name), name, password))
	who := guesser{peer, l.hash(name)[0] % nameParts}
	if v := l.begin(key, who); v != refused {
		return v
	}
	right := false
	select {
	case l.turn <- struct{}{}:
		if right = l.isKnown(key); !right { // by now
			bridge.AtLowPriority(func() { right = l.right(name, password) })
		}
		<-l.turn
	case <-ctx.Done():
		l.give(who)
		return refused
	}
	return l.end(key, who, right)
}

// begin says what is known before the password is checked; refused: nothing.
func (l *logins) begin(key [sha256.Size]byte, who guesser) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[key] {
		return admitted
	}
	g := l.guessers[who]
	if g == nil {
		if len(l.guessers) >= maxGuessers {
			l.forget()
		}
		if len(l.guessers) >= maxGuessers {
			return tooMany
		}
		g = &guesses{}
		l.guessers[who] = g
	}
	// What is under way may be wrong too.
	if g.wrong >= freeGuesses && (g.asking > 0 || time.Now().Before(g.next)) {
		return tooMany
	}
	g.asking++
	return refused
}

func (l *logins) end(key [sha256.Size]byte, who guesser, right bool) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.guessers[who]
	g.asking--
	if right {
		g.wrong = 0
		l.known[key] = true
		return admitted
	}
	g.wrong++
	if over := g.wrong - freeGuesses; over >= 0 {
		g.next = time.Now().Add(min(longestWait, time.Second<<min(over, 10)))
	}
	return refused
}

func (l *logins) give(who guesser) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.guessers[who].asking--
}

func (l *logins) isKnown(key [sha256.Size]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[key]
}

// forget lets go of those who may try again.
func (l *logins) forget() {
	now := time.Now()
	for who, g := range l.guessers {
		if g.asking == 0 && now.After(g.next) {
			delete(l.guessers, who)
		}
	}
}

func (l *logins) hash(text string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, l.secret[:])
	h.Write([]byte(text))
	h.Sum(sum[:0])
	return sum
}
