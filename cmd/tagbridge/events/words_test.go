package events

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tagbridge/testrig/manual"
)

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		message string
		told    map[string]string
		want    string
	}{
		{"starting", map[string]string{"before": "no run before is known", "version": "1"}, "the bridge starts; no run before is known"},
		{"reloaded", map[string]string{"what": "nothing has changed", "took": "7ms"}, "the configuration was loaded again: nothing has changed, which took 7ms"},
		{"reload refused", map[string]string{"problems": "1", "problem": "a.csv:1: x"}, "what is on disk has 1 problem and does not run: a.csv:1: x"},
		{"reload refused", map[string]string{"problems": "2"}, "what is on disk has 2 problems and does not run"},
		{"device online", map[string]string{"outage": "5s", "missed": "1"}, "the device is read again after 5s; 1 poll was left out"},
		{"sink online", map[string]string{"outage": "5s"}, "the sink takes samples again after 5s"},
		{"sink offline", nil, ""},
		{"device offline", map[string]string{"err": "{no} [answer]"}, "the device is not read any more: {no} [answer]"},
		{"something new", nil, ""},
	} {
		if got, ok := sentence(c.message, c.told); got != c.want || ok != (c.want != "") {
			t.Errorf("%s with %v: %q, want %q", c.message, c.told, got, c.want)
		}
	}
}

// TestEveryEventHasASentence looks for all that the log is told as an event: each is a sentence, and each sentence is told.
func TestEveryEventHasASentence(t *testing.T) {
	told := map[string]bool{}
	for _, dir := range []string{"cmd", "drivers", "sinks"} {
		err := filepath.WalkDir(filepath.Join(manual.Root(t), dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && isEvent(call) {
					text, _ := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
					told[text] = true
					if sentences[text] == "" {
						t.Errorf("%s: there is no sentence for %q", path, text)
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
	for message, text := range sentences {
		if !told[message] {
			t.Errorf("nothing tells %q", message)
		}
		if strings.Contains(text, "{behind}") || strings.Count(text, "[") != strings.Count(text, "]") {
			t.Errorf("%q", text)
		}
	}
}

// isEvent reports a call that logs a message as an event.
func isEvent(call *ast.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	message, ok := call.Args[0].(*ast.BasicLit)
	if sel, is := call.Fun.(*ast.SelectorExpr); !ok || message.Kind != token.STRING || !is || !logs[sel.Sel.Name] {
		return false
	}
	found := false
	for _, arg := range call.Args[1:] {
		ast.Inspect(arg, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				found = found || n.Value == `"`+eventKey+`"`
			case *ast.Ident:
				found = found || n.Name == eventKey // an attribute that is one, or none
			}
			return true
		})
	}
	return found
}

var logs = map[string]bool{"Info": true, "Warn": true, "Error": true}
