package mapping

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pattern is one pattern of a match list, compared with the whole of device/tag, case-sensitively: * is anything
// including /, ? one character, a leading ! excludes what matches.
type Pattern struct {
	glob    string // without the !
	exclude bool
}

// Patterns is a match list. The last pattern that matches wins; a tag that none matches is taken only when the list is
// empty or begins with an exclusion: "everything but".
type Patterns []Pattern

// String is the list as written.
func (p Patterns) String() string {
	list := make([]string, len(p))
	for i, one := range p {
		list[i] = one.String()
	}
	return strings.Join(list, ", ")
}

// ParsePatterns reads a match list.
func ParsePatterns(list []string) (Patterns, error) {
	var p Patterns
	var errs []error
	for _, s := range list {
		one, err := ParsePattern(s)
		p, errs = append(p, one), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

// ParsePattern reads one pattern of a match list.
func ParsePattern(s string) (Pattern, error) {
	glob, exclude := strings.CutPrefix(s, "!")
	switch {
	case glob == "":
		return Pattern{}, fmt.Errorf("pattern %q: empty", s)
	case !utf8.ValidString(s):
		return Pattern{}, fmt.Errorf("pattern %q: not UTF-8", s)
	}
	return Pattern{glob: glob, exclude: exclude}, nil
}

// Exclude reports a pattern with a leading !.
func (p Pattern) Exclude() bool { return p.exclude }

// String is p as written.
func (p Pattern) String() string {
	if p.exclude {
		return "!" + p.glob
	}
	return p.glob
}

// MarshalText is p as written.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Matches reports whether p matches the tag of that device, whether it then takes or excludes it.
func (p Pattern) Matches(device, tag string) bool { return glob(p.glob, device+"/"+tag) }

// MatchesFolded is Matches without regard to capitals and to blanks at the ends of p.
func (p Pattern) MatchesFolded(device, tag string) bool {
	return glob(strings.ToLower(strings.TrimSpace(p.glob)), strings.ToLower(device+"/"+tag))
}

// Match reports whether the list takes the tag of that device.
func (p Patterns) Match(device, tag string) bool {
	if len(p) == 0 {
		return true
	}
	name := device + "/" + tag
	for i := len(p) - 1; i >= 0; i-- {
		if glob(p[i].glob, name) {
			return !p[i].exclude
		}
	}
	return p[0].exclude
}

// MatchAny is Match, but that a pattern without / is compared with the tag of any device.
func (p Patterns) MatchAny(device, tag string) bool {
	if len(p) == 0 {
		return true
	}
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].NamesDevice() && p[i].Matches(device, tag) || !p[i].NamesDevice() && p[i].MatchesTag(tag) {
			return !p[i].exclude
		}
	}
	return p[0].exclude
}

// MayMatch reports whether the list could take a tag of that device: false is certain, true is not.
func (p Patterns) MayMatch(device string) bool {
	if len(p) == 0 || p[0].exclude {
		return true
	}
	for _, one := range p {
		if one.exclude {
			continue
		}
		begins := device + "/"
		if wild := strings.IndexAny(one.glob, "*?"); wild >= 0 {
			n := min(wild, len(begins))
			if one.glob[:n] == begins[:n] {
				return true
			}
		} else if strings.HasPrefix(one.glob, begins) {
			return true
		}
	}
	return false
}

// glob matches in at most len(pattern) × len(name) steps: only the last * is ever given more, which is enough, as what
// lies before it matched with the fewest characters that could.
func glob(pattern, name string) bool {
	star, retry := -1, 0 // place behind the last * of pattern, and what of name is left to it
	p, n := 0, 0
	for n < len(name) {
		_, size := utf8.DecodeRuneInString(name[n:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, retry = p, n
		case p < len(pattern) && pattern[p] == '?':
			p++
			n += size
		case p < len(pattern) && pattern[p] == name[n]:
			p++
			n++
		case star >= 0:
			_, size := utf8.DecodeRuneInString(name[retry:])
			retry += size
			p, n = star, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// MatchesTag compares p with the name of a tag alone, whatever its device.
func (p Pattern) MatchesTag(tag string) bool { return glob(p.glob, tag) }

// NamesDevice reports that p has a / and so says something about devices.
func (p Pattern) NamesDevice() bool { return strings.Contains(p.glob, "/") }
