package source

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// expandError is why a ${…} could not be replaced.
type expandError struct {
	missing bool // what it names is not there; else it is written wrong
	text    string
}

func (e *expandError) Error() string { return e.text }

const wantReference = "${…} must be ${env:NAME}, ${file:PATH} or ${credential:NAME}; a literal ${ is written $${"

// hasReference reports that text holds a ${…}.
func hasReference(text string) bool { return strings.Contains(text, "${") }

// expand replaces each ${env:NAME}, ${file:PATH} and ${credential:NAME} of text once, what they bring in not again, and
// makes $${ a literal ${. All that are missing are told.
func (d *Doc) expand(text string) (string, *expandError) {
	var out strings.Builder
	var missing []string
	for {
		i := strings.Index(text, "${")
		if i < 0 && missing != nil {
			return "", &expandError{missing: true, text: strings.Join(missing, "; ")}
		}
		if i < 0 {
			out.WriteString(text)
			return out.String(), nil
		}
		if i > 0 && text[i-1] == '$' {
			out.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		end := strings.IndexByte(text[i:], '}')
		if end < 0 {
			return "", &expandError{text: "${ without its }; a literal ${ is written $${"}
		}
		out.WriteString(text[:i])
		secret, err := d.secret(text[i+2 : i+end])
		if err != nil && !err.missing {
			return "", err
		}
		if err != nil && !slices.Contains(missing, err.text) {
			missing = append(missing, err.text)
		}
		out.WriteString(secret)
		text = text[i+end+1:]
	}
}

// secret is what one reference, such as env:NAME, stands for.
func (d *Doc) secret(reference string) (string, *expandError) {
	source, name, _ := strings.Cut(reference, ":")
	if name == "" {
		return "", &expandError{text: wantReference}
	}
	switch source {
	case "env":
		if text := d.l.o.Getenv(name); text != "" {
			return text, nil
		}
		return "", &expandError{missing: true, text: fmt.Sprintf("environment variable %s is not set", name)}
	case "file":
		return d.secretFile(d.Path(name), "file "+name)
	case "credential":
		if d.l.o.CredentialsDir == "" {
			return "", &expandError{missing: true, text: fmt.Sprintf("credential %s: there is no $CREDENTIALS_DIRECTORY (systemd sets it)", name)}
		}
		if strings.ContainsRune(name, '/') || name == ".." {
			return "", &expandError{text: "a credential is named without folders"}
		}
		return d.secretFile(filepath.Join(d.l.o.CredentialsDir, name), "credential "+name)
	}
	// What stands there may be a part of a password: it is not repeated.
	return "", &expandError{text: wantReference + DidYouMean(source, []string{"env", "file", "credential"})}
}

func (d *Doc) secretFile(path, what string) (string, *expandError) {
	d.l.o.Seen(path, nil)
	b, err := readFile(path, maxSecret)
	if err != nil {
		return "", &expandError{missing: true, text: fmt.Sprintf("%s cannot be read: %v", what, err)}
	}
	text := strings.TrimSuffix(string(b), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}
