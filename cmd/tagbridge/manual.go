package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"tagbridge/configs"
)

// manualVerb prints what packages need: the manual page and the shell completion, both from the same help as --help,
// the list of modules and their licences.
type manualVerb struct {
	Format string `arg:"" enum:"man,bash,sbom,notices" help:"man: a manual page; bash: completion for the shell; sbom: what the program is made of; notices: the licences of that."`
}

// Run prints what was asked for.
func (v manualVerb) Run(_ context.Context, std streams, app *kong.Kong) error {
	switch v.Format {
	case "sbom":
		return printBOM(std.out)
	case "notices":
		_, err := io.WriteString(std.out, configs.Copyright)
		return err
	case "bash":
		printCompletion(std.out, app.Model.Node)
	default:
		printManual(std.out, app.Model.Node)
	}
	return nil
}

// roff escapes text for a manual page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

func printManual(w io.Writer, app *kong.Node) {
	fmt.Fprintf(w, ".TH TAGBRIDGE 1\n.SH NAME\ntagbridge \\- %s\n", roff(strings.TrimSuffix(app.Help, ".")))
	fmt.Fprint(w, ".SH SYNOPSIS\n.B tagbridge\n.I command\n[\\fIarguments\\fR]\n.SH COMMANDS\n")
	for _, verb := range verbs(app) {
		fmt.Fprintf(w, ".SS %s\n%s\n", roff(strings.TrimSpace(verb.Summary())), roff(verb.Help))
		for _, a := range verb.Positional {
			fmt.Fprintf(w, ".TP\n.I %s\n%s\n", roff(strings.ToUpper(a.Name)), roff(a.Help))
		}
		for _, f := range verb.Flags {
			if f.Name != "help" && !f.Hidden {
				fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(f.Summary()), roff(f.Help))
			}
		}
	}
	fmt.Fprint(w, ".SH EXIT STATUS\n0 done, 1 it could not be done, 2 the configuration or the command line is wrong; "+
		"diff: 0 equal, 1 different.\n")
	fmt.Fprint(w, ".SH SEE ALSO\n.B tagbridge help\nprints the manual; it is in /usr/share/doc/tagbridge/manual, too.\n")
	fmt.Fprint(w, ".SH FILES\n.TP\n.I /etc/tagbridge/tagbridge.yaml\nthe configuration of the service\n"+
		".TP\n.I /etc/tagbridge/examples\nexamples\n.TP\n.I /var/lib/tagbridge\njournal, rejected samples, applied configurations\n")
}

// verbs are the commands of app and theirs, those that do something.
func verbs(app *kong.Node) []*kong.Node {
	var list []*kong.Node
	for _, c := range app.Children {
		switch {
		case c.Hidden:
		case len(c.Children) > 0 && c.Type == kong.CommandNode && !c.Leaf():
			list = append(list, verbs(c)...)
		default:
			list = append(list, c)
		}
	}
	return list
}

func printCompletion(w io.Writer, app *kong.Node) {
	var names []string
	for _, c := range app.Children {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	fmt.Fprint(w, "_tagbridge() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n")
	fmt.Fprintf(w, "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\tCOMPREPLY=($(compgen -W %q -- \"$word\"))\n\t\treturn\n\tfi\n", strings.Join(names, " "))
	fmt.Fprint(w, "\tcase ${COMP_WORDS[1]} in\n")
	for _, c := range app.Children {
		if c.Hidden {
			continue
		}
		var words []string
		for _, sub := range c.Children {
			words = append(words, sub.Name)
		}
		for _, f := range c.Flags {
			words = append(words, "--"+f.Name)
		}
		words = append(words, "--help")
		fmt.Fprintf(w, "\t%s) words=%q ;;\n", c.Name, strings.Join(words, " "))
	}
	fmt.Fprint(w, "\tesac\n\tcase $word in\n\t-*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"+
		"\t*) COMPREPLY=($(compgen -f -W \"$words\" -- \"$word\")) ;;\n\tesac\n}\ncomplete -o filenames -F _tagbridge tagbridge\n")
}
