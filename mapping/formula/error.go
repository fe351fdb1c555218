package formula

import "fmt"

// Error is why a text is no formula.
type Error struct {
	At      int // the character of the text where it is wrong, the first being 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (character %d)", e.Message, e.At) }

// errorf makes an error at a character, the first being 0. What it quotes of the formula, args that are texts, is cut where it
// is long.
func errorf(at int, format string, args ...any) *Error {
	for i, a := range args {
		if text, ok := a.(string); ok {
			args[i] = short(text)
		}
	}
	return &Error{At: at + 1, Message: fmt.Sprintf(format, args...)}
}

// longestQuote is how many characters of a formula a message repeats.
const longestQuote = 320

func short(text string) string {
	n := 0
	for at := range text {
		if n++; n > longestQuote {
			return text[:at] + "…"
		}
	}
	return text
}

// limits of a text. A formula is a cell of a table; what needs more is several tags.
const (
	maxLength  = 4096 // bytes
	maxNodes   = 2000
	maxParts   = 3000 // computed at most
	maxNesting = 100
)
