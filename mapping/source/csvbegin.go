package source

import (
	"slices"
	"strings"
)

// Begin finds what separates cells, and goes to the first row that is no comment; false when there is none. columns are
// those that a header has.
func (r *CSV) Begin(columns ...string) bool {
	told := false
	for r.pos < len(r.text) {
		line := r.text[r.pos:]
		if end := strings.IndexAny(line, "\r\n"); end >= 0 {
			line = line[:end]
		}
		if sep, ok := separatorLine(line); ok && !told && !r.Sheet {
			r.Comma, told = sep, true
		} else if strings.Trim(line, ",;\t ") != "" && !isCommentBefore(line, columns) {
			if !told && !r.Sheet {
				r.Comma = separator(line)
			}
			return true
		}
		r.skipLine()
	}
	return false
}

// separatorLine reads sep=; as spreadsheets write and understand it.
func separatorLine(line string) (sep byte, ok bool) {
	rest, ok := CutPrefixFold(strings.Trim(line, " \""), "sep=")
	if !ok || len(rest) == 0 || !strings.Contains(",;\t", rest[:1]) {
		return 0, false
	}
	return rest[0], true
}

// isCommentBefore reports a comment before the header; a header may itself begin with a column headed #.
func isCommentBefore(line string, columns []string) bool {
	if !strings.HasPrefix(strings.TrimLeft(line, " \t\""), "#") {
		return false
	}
	names := strings.FieldsFunc(strings.ToLower(line), func(c rune) bool { return strings.ContainsRune(",;\t", c) })
	for i := range names {
		names[i] = strings.Trim(names[i], "\" ")
	}
	return slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(names, c) })
}

// separator is the one of the three that a header has most of outside quotes.
func separator(line string) byte {
	var counts [3]int
	const signs = ",;\t"
	quoted := false
	for i := range len(line) {
		if line[i] == '"' {
			quoted = !quoted
		}
		if at := strings.IndexByte(signs, line[i]); at >= 0 && !quoted {
			counts[at]++
		}
	}
	best := 0
	for i := range counts {
		if counts[i] > counts[best] {
			best = i
		}
	}
	return signs[best]
}
