package main

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"tagbridge/configs"
	"tagbridge/mapping/source"
)

// helpVerb prints the manual, which is in the program.
type helpVerb struct {
	Topic []string `arg:"" optional:"" help:"A chapter, such as maps or reference/metrics, a command, or all; without, what there is."`
}

// Run prints one chapter, or the help of a command.
func (v helpVerb) Run(_ context.Context, std streams, app *kong.Kong) error {
	topic := strings.Join(v.Topic, " ")
	pages := manualPages()
	switch {
	case topic == "":
		return printPages(std, "README")
	case topic == "all":
		return printPages(std, append([]string{"README"}, pages...)...)
	}
	if page, ok := findPage(pages, topic); ok {
		return printPages(std, page)
	}
	if trace, err := kong.Trace(app, v.Topic); err == nil && trace.Error == nil {
		return trace.PrintUsage(false)
	}
	known := []string{"all"}
	for _, p := range pages {
		known = append(known, path.Base(p))
	}
	for _, c := range app.Model.Children {
		if !c.Hidden {
			known = append(known, c.Name)
		}
	}
	fmt.Fprintf(std.err, "tagbridge: nothing about %q%s; \"tagbridge help\" lists the chapters\n", forTerminal(topic), source.DidYouMean(topic, known))
	return exitStatus(exitBadFile)
}

const manualFolder = "manual"

var pageLink = regexp.MustCompile(`\(([a-z/]+)\.md\)`)

// manualPages are the chapters by their names below the manual's folder, in the order of its contents.
func manualPages() []string {
	contents, err := fs.ReadFile(configs.Manual, manualFolder+"/README.md")
	if err != nil {
		panic(err) // it is in the program
	}
	var pages []string
	for _, m := range pageLink.FindAllSubmatch(contents, -1) {
		pages = append(pages, string(m[1]))
	}
	return pages
}

// findPage is the page that topic names: in full, by its last part, as a file.
func findPage(pages []string, topic string) (string, bool) {
	topic = strings.TrimSuffix(strings.ToLower(topic), ".md")
	at := slices.IndexFunc(pages, func(p string) bool { return p == topic || path.Base(p) == topic })
	if at < 0 {
		return "", false
	}
	return pages[at], true
}

func printPages(std streams, pages ...string) error {
	for i, page := range pages {
		text, err := fs.ReadFile(configs.Manual, manualFolder+"/"+page+".md")
		if err != nil {
			return fmt.Errorf("read the manual: %w", err)
		}
		if i > 0 {
			fmt.Fprint(std.out, "\n\n")
		}
		if _, err := std.out.Write(plainText(text)); err != nil {
			return err
		}
	}
	return nil
}
