package node

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Name is a browse name: a QualifiedName.
type Name struct {
	Space uint16 // index of its namespace
	Name  string
}

// reserved are the characters that have & before when they are a part of a name (Part 4, A.2). Here only / and & must
// have it, and < as the first, and a colon after a number: every step of a path is a /, and many names have dots.
const reserved = "/.<>:#!&"

// parsePath reads a browse path: names after /, with the index of their namespace, 0 when there is none.
func parsePath(text string) ([]Name, error) {
	var path []Name
	for rest, more := text[1:], true; more; {
		var level []byte
		colon := -1 // where in level the first colon is that is not a part of the name
		if strings.HasPrefix(rest, "<") {
			return nil, levelError(path, "is a reference type: every level is a name after /, and a < in a name is written as &<")
		}
		for more = false; rest != ""; {
			c := rest[0]
			rest = rest[1:]
			if c == '/' {
				more = true
				break
			}
			switch {
			case c == '&':
				if rest == "" || strings.IndexByte(reserved, rest[0]) < 0 {
					return nil, levelError(path, "has an & that is before none of %s: an & in a name is written as &&", reserved)
				}
				c, rest = rest[0], rest[1:]
			case c == ':' && colon < 0:
				colon = len(level)
			}
			level = append(level, c)
		}
		name, err := qualify(level, colon)
		if err != nil {
			return nil, levelError(path, "%w", err)
		}
		path = append(path, name)
	}
	return path, nil
}

func levelError(before []Name, format string, args ...any) error {
	return fmt.Errorf("level %d of the browse path "+format, append([]any{len(before) + 1}, args...)...)
}

// qualify makes a name of a level whose first colon, if it is one after an index, is at colon.
func qualify(level []byte, colon int) (Name, error) {
	if colon < 0 {
		if len(level) == 0 {
			return Name{}, errors.New("is empty: a / in a name is written as &/")
		}
		return Name{Name: string(level)}, nil
	}
	index, name := string(level[:colon]), string(level[colon+1:])
	if strings.Trim(index, "0123456789") != "" {
		return Name{Name: string(level)}, nil
	}
	space, err := strconv.ParseUint(index, 10, 16)
	switch {
	case err != nil:
		return Name{}, fmt.Errorf("has %q for the index of its namespace, which is 0 to 65535: write &: for a colon in a name", index)
	case name == "":
		return Name{}, fmt.Errorf("has no name after %s:, such as %s:Press", index, index)
	}
	return Name{Space: uint16(space), Name: name}, nil
}

// escapeName writes all that is reserved as a part of a name.
var escapeName = strings.NewReplacer("/", "&/", ".", "&.", "<", "&<", ">", "&>", ":", "&:", "#", "&#", "!", "&!", "&", "&&")

func formatPath(path []Name) string {
	var b strings.Builder
	for _, n := range path {
		b.WriteByte('/')
		if n.Space != 0 {
			b.WriteString(strconv.Itoa(int(n.Space)))
			b.WriteByte(':')
		}
		b.WriteString(escapeName.Replace(n.Name))
	}
	return b.String()
}
