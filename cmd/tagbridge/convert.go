package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"tagbridge/mapping/convert"
	"tagbridge/mapping/source"
)

type convertVerb struct {
	File      string `arg:"" help:"telegraf.conf, CSV of Kepware or modpoll, a list of ioBroker, a device profile of EdgeX, tags of Neuron, or YAML of Home Assistant."`
	From      string `enum:"auto,telegraf,kepware,modpoll,iobroker,edgex,neuron,homeassistant" default:"auto" help:"What the file is of: telegraf, kepware, modpoll, iobroker, edgex, neuron, homeassistant."`
	URL       string `name:"url" default:"tcp://192.0.2.1:502" help:"Where the device is, which most of these files do not say."`
	Addresses string `enum:"auto,wire" default:"auto" help:"ioBroker: wire, when its addresses are no aliases such as 40001."`
	Out       string `placeholder:"DIR" help:"Write tagbridge.yaml and its tag maps into this folder, which must not have them yet."`
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
	for _, line := range r.Panels() {
		fmt.Fprintln(std.out, line)
	}
	for _, verdict := range r.Verdicts {
		fmt.Fprintln(std.out, verdict)
	}
	if !r.Any() {
		fmt.Fprintf(std.err, "tagbridge: no tag of %s could be taken: nothing is written\n", v.File)
		return exitStatus(exitFailed)
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

// What a file of modpoll has, an input of telegraf.conf, and a profile of EdgeX.
var (
	modpollLine = regexp.MustCompile(`(?mi)^[\s"]*(device|poll|ref)[\s"]*[,;]`)
	inputsLine  = regexp.MustCompile(`(?m)^\s*\[+\s*inputs\.`)
	edgexLine   = regexp.MustCompile(`(?m)^\s*"?deviceResources"?\s*:`)
	homeLine    = regexp.MustCompile(`(?m)^(modbus\s*:|\s*- name:.*\n\s+type:\s*(tcp|serial|rtuovertcp|udp)\b)`)
	neuronHead  = regexp.MustCompile(`^"?group"?[,;\t].*\baddress\b.*\battribute\b`)
)

// isModpoll reports whether text has a line of each kind.
func isModpoll(text string) bool {
	kinds := map[string]bool{}
	for _, line := range modpollLine.FindAllStringSubmatch(text, -1) {
		kinds[strings.ToLower(line[1])] = true
	}
	return len(kinds) == 3
}

// guess is what a file is of, by what is in it, and how it begins.
func guess(content []byte) (from, head string, err error) {
	if strings.HasPrefix(string(content[:min(len(content), 4)]), "PK\x03\x04") {
		return "neuron", "", nil
	}
	text, err := source.Text(content)
	if err != nil {
		return "", "", err
	}
	head, _, _ = strings.Cut(strings.ReplaceAll(strings.TrimSpace(strings.ToLower(text)), "\r", "\n"), "\n")
	switch {
	case strings.Contains(head, "tag name"):
		from = "kepware"
	case strings.HasPrefix(head, "_address\t"):
		from = "iobroker"
	case neuronHead.MatchString(head):
		from = "neuron"
	case inputsLine.MatchString(text):
		from = "telegraf"
	case edgexLine.MatchString(text):
		from = "edgex"
	case homeLine.MatchString(text):
		from = "homeassistant"
	case isModpoll(text):
		from = "modpoll"
	}
	return from, head, nil
}

func (v convertVerb) convert(content []byte) (*convert.Result, error) {
	seems := convert.Seems(content)
	if seems != "" {
		seems = ". It seems to be " + seems
	}
	from, head, err := guess(content)
	if v.From != "auto" {
		from = v.From
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w%s", v.File, err, seems)
	}
	switch from {
	case "kepware":
		return convert.Kepware(v.File, content, v.URL)
	case "telegraf":
		return convert.Telegraf(v.File, content)
	case "modpoll":
		return convert.Modpoll(v.File, content, v.URL)
	case "iobroker":
		return convert.IoBroker(v.File, content, v.URL, v.Addresses == "wire")
	case "edgex":
		return convert.EdgeX(v.File, content, v.URL)
	case "homeassistant":
		return convert.HomeAssistant(v.File, content)
	case "neuron":
		r, err := convert.Neuron(v.File, content, v.URL)
		if err != nil {
			return nil, fmt.Errorf("%w%s", err, seems)
		}
		return r, nil
	}
	return nil, fmt.Errorf("%s is nothing that can be converted: it begins %q%s. "+
		"If it is one of them all the same, say --from=telegraf, kepware, modpoll, iobroker, edgex, neuron or homeassistant; "+
		"else make a tag map of it: columns tag and address are enough", v.File, cut(head, 60), seems)
}

// cut is text of at most n bytes, on one line.
func cut(text string, n int) string {
	if len(text) > n {
		return strings.ToValidUTF8(text[:n], "") + "…"
	}
	return text
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
