package revision

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The bounds of names.
const (
	maxName  = 240
	maxDepth = 8
)

// kinds are the ends of names that files of a revision may have: those of maps and tables. So nothing else is ever written.
var kinds = []string{".csv", ".tsv", ".txt", ".yaml", ".yml", ".json", ".xlsx"}

// CheckName reports why a file of that name cannot be a part of a revision: its name has to mean the same file below the configuration's
// folder on every system, and no other.
func CheckName(name string) error {
	switch {
	case name == "" || len(name) > maxName || !utf8.ValidString(name):
		return fmt.Errorf("a name has 1 to %d bytes", maxName)
	case printable(name) != name || strings.ContainsAny(name, "\\:*?\"<>|"):
		return errors.New("its name has characters that not every system takes")
	case !norm.NFC.IsNormalString(name):
		return errors.New("its name has letters that are made of two, and look like others")
	case path.IsAbs(name) || path.Clean(name) != name:
		return errors.New("its name leads out of the folder of the configuration, or is written in a strange way")
	case !slices.Contains(kinds, strings.ToLower(path.Ext(name))):
		return fmt.Errorf("its name has to end in one of %s", strings.Join(kinds, " "))
	}
	parts := strings.Split(name, "/")
	if len(parts) > maxDepth {
		return fmt.Errorf("it lies more than %d folders deep", maxDepth)
	}
	for _, p := range parts {
		if strings.HasPrefix(p, ".") || strings.HasSuffix(p, ".") || strings.Trim(p, " ") != p || isDeviceName(p) {
			return fmt.Errorf("%q is no name of a file or folder on every system, or one that is hidden", p)
		}
	}
	return nil
}

// isDeviceName reports a name that Windows takes for a device, whatever its end is.
func isDeviceName(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	base = strings.TrimRight(base, " ")
	if slices.Contains([]string{"con", "prn", "aux", "nul", "conin$", "conout$"}, base) {
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "com") || strings.HasPrefix(base, "lpt")) && base[3] >= '0' && base[3] <= '9'
}

// names are those of one revision: no two are one file, also where upper and lower case are one.
type names struct {
	files   map[string]string // as they were written, by how they are compared
	folders map[string]string
}

func newNames() *names { return &names{map[string]string{}, map[string]string{}} }

func (n *names) add(name string) error {
	if err := CheckName(name); err != nil {
		return fmt.Errorf("file %q: %w", name, err)
	}
	same := strings.ToLower(strings.ToUpper(name))
	if other, ok := n.files[same]; ok {
		return fmt.Errorf("files %q and %q are one on some systems", other, name)
	}
	if other, ok := n.folders[same]; ok {
		return fmt.Errorf("%q is a file, and a folder of %q", name, other)
	}
	n.files[same] = name
	for at := path.Dir(same); at != "."; at = path.Dir(at) {
		if other, ok := n.files[at]; ok {
			return fmt.Errorf("%q is a file, and a folder of %q", other, name)
		}
		n.folders[at] = name
	}
	return nil
}
