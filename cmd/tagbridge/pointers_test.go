package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// said is a text that the program can print, with its place.
type said struct{ at, text string }

// texts are the strings of the program: of messages, of help, of answers.
func texts(t *testing.T) []said {
	t.Helper()
	var list []said
	for _, room := range []string{"cmd", "drivers", "mapping", "sinks"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if _, ok := n.(*ast.ImportSpec); ok {
					return false
				}
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(text, " ") {
						at := files.Position(lit.Pos())
						list = append(list, said{strings.TrimPrefix(filepath.ToSlash(at.Filename), root+"/") + ":" + strconv.Itoa(at.Line), text})
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(list) < 1000 {
		t.Fatalf("only %d texts were found", len(list))
	}
	return list
}

// examples are the files that people copy, whose comments lead somewhere, too.
func examples(t *testing.T) []said {
	t.Helper()
	var list []said
	err := filepath.WalkDir(filepath.Join(root, "configs"), func(name string, d fs.DirEntry, err error) error {
		ext := filepath.Ext(name)
		switch {
		case err == nil && d.Name() == "package":
			return filepath.SkipDir
		case err != nil || d.IsDir() || ext != ".yaml" && ext != ".service" && ext != ".csv":
			return err
		}
		b, err := os.ReadFile(name)
		for n, line := range strings.Split(string(b), "\n") {
			list = append(list, said{fmt.Sprintf("%s:%d", strings.TrimPrefix(filepath.ToSlash(name), root+"/"), n+1), line})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// pointer is "see X".
var pointer = regexp.MustCompile(`\b[Ss]ee (?:the )?("?[^\s"]+(?: in /\S+)?)`)

// seen are what follows see where it is no pointer.
var seen = []string{"whether", "a", "all", "it", "fault_code", "warning_code"}

// Every pointer in a message, in a help text and in an example leads to something that is there.
func TestPointersLeadSomewhere(t *testing.T) {
	api := document(t, "configs/manual/reference/api.md")
	operating := document(t, "configs/manual/operating.md")
	found := 0
	for _, s := range append(texts(t), examples(t)...) {
		if strings.Contains(s.text, "README") && !strings.HasPrefix(s.at, "cmd/tagbridge/help.go") {
			t.Errorf("%s sends people to the README, which few have: name a chapter of the manual: %q", s.at, s.text)
		}
		for _, m := range pointer.FindAllStringSubmatch(s.text, -1) {
			to := strings.Trim(m[1], `".,:;)]}`)
			if slices.Contains(seen, to) {
				continue
			}
			found++
			field, address, isField := strings.Cut(to, " in ")
			there := false
			switch {
			case isField:
				_, section, _ := strings.Cut(api, "\n## "+address+"\n")
				section, _, _ = strings.Cut(section, "\n## ")
				there = strings.Contains(section, "`"+field+"`")
			case strings.HasPrefix(to, "/"):
				there = strings.Contains(api, "`"+to+"`")
			case to == "tagbridge": // its verb is looked at below
				there = true
			case strings.HasPrefix(to, "data_dir/"):
				there = strings.Contains(operating, to)
			default:
				_, err := os.Stat(filepath.Join(root, "configs", to))
				there = err == nil
			}
			if !there {
				t.Errorf("%s: %q leads nowhere: %q", s.at, m[0], s.text)
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d pointers were found", found)
	}
}

// command is the program with a verb, as it is written to be typed.
var command = regexp.MustCompile(`\btagbridge ([a-z]+)(?: ([a-z]+)\b)?`)

// nouns are what follows the program's name where it is no command.
var nouns = []string{
	"must", "on", "only", "simulator", "tagbridge", "uses", "wrote", "devel", "is", "industrial", "what", "under", "needs",
	"does", "never", "reads", "liest", "makes",
}

// Every command that a message or an example has people type is there.
func TestCommandsInMessages(t *testing.T) {
	app := commandLine(t).Model
	found := 0
	for _, s := range append(texts(t), examples(t)...) {
		if strings.HasPrefix(s.at, "cmd/tagbridge/manual.go") {
			continue // the text of a shell's function
		}
		for _, m := range command.FindAllStringSubmatch(s.text, -1) {
			if slices.Contains(nouns, m[1]) {
				continue
			}
			found++
			verb := verbOf(app.Node, m[1])
			if verb == nil {
				t.Errorf("%s: there is no command %q: %q", s.at, m[0], s.text)
			} else if len(verb.Children) > 0 && verbOf(verb, m[2]) == nil {
				t.Errorf("%s: there is no command %q: %q", s.at, m[0], s.text)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d commands were found", found)
	}
}

func verbOf(n *kong.Node, name string) *kong.Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// plain are words that have a plainer one, and what it is.
var plain = []struct {
	word  *regexp.Regexp
	plain string
}{
	{regexp.MustCompile(`\bbehind\b`), "after (in place), later (in time)"},
	{regexp.MustCompile(`\bstands?\b`), "is"},
	{regexp.MustCompile(`\bstood\b`), "was"},
	{regexp.MustCompile(`\bsuch a one\b`), "one"},
}

// rightWord is where those words are the right ones: a sink that has not had all samples is behind, as is a slow clock, and
// a device can be behind a gateway.
var rightWord = regexp.MustCompile("how far behind|what is behind|is behind|%v behind|behind (?:a|one|the) (?:TCP )?gateway|a stand-in|" +
	"stands? for|`behind_|\\| behind \\||\tbehind\t")

// Messages, help and manual are in plain English.
func TestPlainEnglish(t *testing.T) {
	list := texts(t)
	for _, name := range documents(t) {
		for n, line := range strings.Split(document(t, name), "\n") {
			list = append(list, said{fmt.Sprintf("%s:%d", name, n+1), line})
		}
	}
	for _, s := range list {
		rest := rightWord.ReplaceAllString(s.text, "")
		for _, p := range plain {
			if word := p.word.FindString(rest); word != "" {
				t.Errorf("%s: %q: better %s: %q", s.at, word, p.plain, s.text)
			}
		}
	}
}
