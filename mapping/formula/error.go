package formula

import "fmt"

// Error is why a text is no formula.
type Error struct {
	At      int // the character of the text where it is wrong, the first being 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (character %d)", e.Message, e.At) }

func errorf(at int, format string, args ...any) *Error {
	return &Error{At: at + 1, Message: fmt.Sprintf(format, args...)}
}

// limits of a text. A formula is a cell of a table; what needs more is several tags.
const (
	maxLength  = 4096 // bytes
	maxNodes   = 2000
	maxParts   = 3000 // computed at most
	maxNesting = 100
)
