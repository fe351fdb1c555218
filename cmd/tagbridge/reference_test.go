package main

import (
	"flag"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"tagbridge/testrig/manual"
)

var update = flag.Bool("update", false, "write the reference of the manual")

// The page of verbs says what --help says, and the exit statuses besides.
func TestManualVerbs(t *testing.T) {
	app := commandLine(t)
	all := manual.Table{Heading: "All commands", Columns: []string{"command", "what it does"}, Prose: []string{"exit status"}}
	tables := []manual.Table{{}}
	for _, verb := range verbs(app.Model.Node) {
		name := strings.TrimPrefix(verb.FullPath(), "tagbridge ")
		all.Rows = append(all.Rows, []string{manual.Code(name), verb.Help})
		one := manual.Table{Heading: name, Columns: []string{"argument or option", "default", "meaning"}}
		for _, a := range verb.Positional {
			text := strings.ToUpper(a.Name)
			if !a.Required {
				text = "[" + text + "]"
			}
			one.Rows = append(one.Rows, []string{manual.Code(text), "", a.Help})
		}
		for _, f := range verb.Flags {
			if f.Name == "help" || f.Hidden {
				continue
			}
			text := "--" + f.Name
			if !f.IsBool() {
				text += "=" + placeHolder(f)
			}
			def := f.Default
			if def == "-1" {
				def = ""
			}
			one.Rows = append(one.Rows, []string{manual.Code(text), manual.Code(def), strings.ReplaceAll(f.Help, "|", `\|`)})
		}
		if len(one.Rows) > 0 {
			tables = append(tables, one)
		}
	}
	tables[0] = all
	manual.Hold(t, *update, "verbs", tables...)
}

// placeHolder is what stands for the value of f.
func placeHolder(f *kong.Flag) string {
	switch {
	case f.PlaceHolder != "":
		return f.PlaceHolder
	case f.Target.Kind() == reflect.Int || f.Target.Kind() == reflect.Uint64:
		return "NUMBER"
	}
	return "TEXT"
}

// commandLine is the parser of the program.
func commandLine(t *testing.T) *kong.Kong {
	t.Helper()
	app, err := kong.New(&grammar{}, kong.Name("tagbridge"), kong.Exit(func(int) { t.Error("the command line ends the test") }))
	if err != nil {
		t.Fatal(err)
	}
	return app
}
