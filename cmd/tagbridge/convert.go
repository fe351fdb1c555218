package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"tagbridge/mapping/config"
	"tagbridge/mapping/convert"
)

type convertVerb struct {
	File string `arg:"" help:"telegraf.conf, a CSV export of Kepware, or a CSV file of modpoll."`
	From string `enum:"auto,telegraf,kepware,modpoll" default:"auto" help:"What the file is of: telegraf, kepware, modpoll."`
	URL  string `name:"url" default:"tcp://192.0.2.1:502" help:"Where the device is, which CSV files do not say."`
	Out  string `placeholder:"DIR" help:"Write tagbridge.yaml and its tag maps into this folder, which must not have them yet."`
}

// Run prints a verdict for each row: taken, taken with a change, or not and why. The status is 0 when all were taken,
// 1 when some were not, 2 when the file is none that can be converted.
func (v convertVerb) Run(_ context.Context, std streams) error {
	content, err := readAll(v.File, std.in)
	if err != nil {
		return err
	}
	r, err := v.convert(content)
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitStatus(exitBadFile)
	}
	for _, verdict := range r.Verdicts {
		fmt.Fprintln(std.out, verdict)
	}
	if v.Out != "" {
		if err := v.write(r, std); err != nil {
			return err
		}
	}
	if !r.Complete() {
		return exitStatus(exitFailed)
	}
	return nil
}

// deviceLine is that of modpoll's files.
var deviceLine = regexp.MustCompile(`(?mi)^\s*device\s*[,;]`)

func (v convertVerb) convert(content []byte) (*convert.Result, error) {
	from := v.From
	text, err := config.Text(content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", v.File, err)
	}
	head, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(strings.ToLower(text)), "\r", "\n"), "\n")
	switch {
	case from != "auto":
	case strings.Contains(head, "tag name"):
		from = "kepware"
	case strings.Contains(text, "[inputs."):
		from = "telegraf"
	case deviceLine.MatchString(text):
		from = "modpoll"
	}
	switch from {
	case "kepware":
		return convert.Kepware(v.File, content, v.URL)
	case "telegraf":
		return convert.Telegraf(v.File, content)
	case "modpoll":
		return convert.Modpoll(v.File, content, v.URL)
	}
	return nil, errors.New("it cannot be told what " + v.File + " is of: say --from")
}

func (v convertVerb) write(r *convert.Result, std streams) error {
	files, err := r.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(v.Out, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := writeNew(path, 0o640, f.Content); err != nil {
			return err
		}
		fmt.Fprintln(std.err, path)
	}
	return nil
}
