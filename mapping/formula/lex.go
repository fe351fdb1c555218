package formula

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Scope is what a formula can name.
type Scope struct {
	// Find is the tag of that name, which is a whole one: device/tag, or a tag's where its device is clear.
	Find func(name string) (Name, bool)
	// Nearest is the end of a message about a name that is not there, such as ": did you mean boiler/temp?". nil: there is
	// none. own are names that a formula has by itself.
	Nearest func(name string, own []string) string
}

// Name is a tag that a formula names.
type Name struct {
	Name string // the same for the same tag, however it is named
	Type Type
}

// lexer takes a text apart, and puts it together again for the parser of expr: with names that it can read in place of
// those of tags, and nothing that is not of the language.
type lexer struct {
	scope  Scope
	text   []rune
	at     int
	out    strings.Builder
	places []int // of the characters of out in text
	inputs []Name
	open   int // brackets
}

// words are the names that are no tags.
var words = []string{"and", "or", "not", "in", "true", "false"}

// symbols are the operators, longer ones first.
var symbols = []string{"**", "==", "!=", "<=", ">=", "&&", "||", "..", "+", "-", "*", "/", "%", "^", "<", ">", "!", "?", ":", ",", "(", ")", "[", "]"}

// mistaken are what other languages write, and what to write here.
var mistaken = []struct{ symbol, hint string }{
	{"//", "a division is one /"},
	{"/*", "a formula has no comments"},
	{"<>", "different is !="},
	{"=", "equal is =="},
	{"&", "write: and"},
	{"|", "write: or"},
	{";", "what is between brackets is separated by commas, and numbers have a point"},
	{"{", "write: condition ? a : b"},
}

// longestName is how many characters of a name are looked at without backquotes.
const longestName = 300

func (l *lexer) run() *Error {
	for l.at < len(l.text) {
		c := l.text[l.at]
		var err *Error
		switch {
		case unicode.IsSpace(c):
			l.at++
		case c == '\'' || c == '"':
			err = l.quoted(c)
		case c == '`':
			err = l.backquoted()
		case isWord(c):
			err = l.word()
		case c == '.' && l.at+1 < len(l.text) && isDigit(l.text[l.at+1]):
			err = l.number()
		default:
			err = l.symbol()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isWord(c rune) bool {
	return c == '_' || c > unicode.MaxASCII && !unicode.IsSpace(c) || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

// inName reports characters that names have beside those of words.
func inName(c rune) bool { return isWord(c) || strings.ContainsRune("/-.:[]", c) }

// emit gives the parser text, which is n characters at the present place.
func (l *lexer) emit(text string, n int) {
	for range text {
		l.places = append(l.places, l.at)
	}
	l.out.WriteString(text)
	l.out.WriteByte(' ')
	l.at += n
	l.places = append(l.places, l.at)
}

// quoted passes a text on: a backslash goes with what comes after it.
func (l *lexer) quoted(quote rune) *Error {
	for i := l.at + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			l.emit(string(l.text[l.at:i+1]), i+1-l.at)
			return nil
		}
	}
	return errorf(l.at, "a text that does not end: a %c is missing", quote)
}

func (l *lexer) backquoted() *Error {
	end := slices.Index(l.text[l.at+1:], '`')
	if end < 0 {
		return errorf(l.at, "a name that does not end: a ` is missing")
	}
	name := string(l.text[l.at+1 : l.at+1+end])
	known, ok := l.scope.Find(name)
	if !ok {
		return l.unknown(name)
	}
	l.name(known, end+2)
	return nil
}

// name has the parser read an input.
func (l *lexer) name(n Name, length int) {
	i := slices.IndexFunc(l.inputs, func(o Name) bool { return o.Name == n.Name })
	if i < 0 {
		i = len(l.inputs)
		l.inputs = append(l.inputs, n)
	}
	l.emit(inputName(i), length)
}

func inputName(i int) string { return "_" + strconv.Itoa(i) }

// word reads a name, a word of the language or a number, whichever is longest: known names decide.
func (l *lexer) word() *Error {
	end := l.at + 1
	for end < len(l.text) && end-l.at < longestName && inName(l.text[end]) {
		end++
	}
	word := l.at + 1
	for word < end && isWord(l.text[word]) {
		word++
	}
	short := string(l.text[l.at:word])
	if slices.Contains(functionNames, short) && l.called(word) {
		l.emit(short, word-l.at)
		return nil
	}
	letters := 0
	for i := l.at; i < end; i++ {
		if isWord(l.text[i]) && !isDigit(l.text[i]) && l.text[i] != '_' {
			letters = i + 1
			break
		}
	}
	for ; letters > 0 && end >= letters; end-- { // a name of digits alone needs backquotes
		if end < len(l.text) && isWord(l.text[end]) && isWord(l.text[end-1]) {
			continue // not in the middle of a word
		}
		if n, ok := l.scope.Find(string(l.text[l.at:end])); ok {
			if end == word && slices.Contains(words, short) {
				break
			}
			l.name(n, end-l.at)
			return nil
		}
	}
	switch {
	case isDigit(l.text[l.at]):
		return l.number()
	case slices.Contains(words, short):
		l.emit(short, word-l.at)
		return nil
	case l.called(word):
		return errorf(l.at, "unknown function %s%s", short, l.nearest(short, functionNames))
	}
	return l.unknown(string(l.text[l.at:l.unknownEnd(word)]))
}

// called reports that what ends at the given place has arguments.
func (l *lexer) called(end int) bool {
	for end < len(l.text) && unicode.IsSpace(l.text[end]) {
		end++
	}
	return end < len(l.text) && l.text[end] == '('
}

// unknownEnd is the end of a name that is not known: it goes on after a / with a letter.
func (l *lexer) unknownEnd(end int) int {
	for end+1 < len(l.text) {
		c, next := l.text[end], l.text[end+1]
		switch {
		case isWord(c), c == '.' && isWord(next), c == '/' && isWord(next) && !isDigit(next):
			end++
			continue
		}
		break
	}
	if end < len(l.text) && isWord(l.text[end]) {
		end++
	}
	return end
}

func (l *lexer) unknown(name string) *Error {
	return errorf(l.at, "unknown tag %q%s", name, l.nearest(name, words))
}

func (l *lexer) nearest(name string, own []string) string {
	if l.scope.Nearest == nil {
		return ""
	}
	return l.scope.Nearest(name, own)
}

// number passes a number on: 10, 0x1F, 1.5e-3.
func (l *lexer) number() *Error {
	end := l.at
	digits := func(set string) {
		for end < len(l.text) && strings.ContainsRune(set, l.text[end]) {
			end++
		}
	}
	const decimal = "0123456789"
	digits(decimal)
	if end == l.at+1 && end < len(l.text) && l.text[l.at] == '0' && l.text[end]|0x20 == 'x' {
		end++
		digits("0123456789abcdefABCDEF")
	} else {
		if end+1 < len(l.text) && l.text[end] == '.' && l.text[end+1] != '.' {
			end++
			digits(decimal)
		}
		if end < len(l.text) && l.text[end]|0x20 == 'e' {
			end++
			if end < len(l.text) && (l.text[end] == '+' || l.text[end] == '-') {
				end++
			}
			digits(decimal)
		}
	}
	text := string(l.text[l.at:end])
	if end < len(l.text) && isWord(l.text[end]) || !isNumber(text) {
		return errorf(l.at, "%q is not a number, and no tag begins like this", string(l.text[l.at:l.unknownEnd(end)]))
	}
	if tooLong(text) {
		return errorf(l.at, "%s has too many digits", text)
	}
	l.emit(text, end-l.at)
	return nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	if len(text) > 2 && text[1]|0x20 == 'x' {
		return true
	}
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// tooLong reports a number that the parser could not hold.
func tooLong(text string) bool {
	var err error
	if strings.ContainsAny(text, ".eE") && !strings.ContainsAny(text, "xX") {
		_, err = strconv.ParseFloat(text, 64)
	} else {
		_, err = strconv.ParseInt(strings.TrimLeft(text, "0"), 0, 64)
		if strings.Trim(text, "0") == "" || strings.ContainsAny(text, "xX") {
			_, err = strconv.ParseInt(text, 0, 64)
		}
	}
	return err != nil
}

func (l *lexer) symbol() *Error {
	rest := string(l.text[l.at:min(l.at+2, len(l.text))])
	for _, m := range mistaken {
		if strings.HasPrefix(rest, m.symbol) && !slices.ContainsFunc(symbols, func(s string) bool { return len(s) == 2 && s == rest }) {
			return errorf(l.at, "%s is no operator here: %s", m.symbol, m.hint)
		}
	}
	for _, s := range symbols {
		if !strings.HasPrefix(rest, s) {
			continue
		}
		switch s {
		case "(", "[":
			if l.open++; l.open > maxNesting {
				return errorf(l.at, "more than %d brackets in one another", maxNesting)
			}
		case ")", "]":
			l.open--
		}
		l.emit(s, len(s))
		return nil
	}
	return errorf(l.at, "%q is nothing that a formula can have", l.text[l.at])
}
