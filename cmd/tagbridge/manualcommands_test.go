package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
	"tagbridge/testrig/plc"
)

// codeBlock is a block between fences.
type codeBlock struct{ document, info, text string }

var codeBlocks = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```")

func blocksOf(t *testing.T) []codeBlock {
	t.Helper()
	var list []codeBlock
	for _, name := range documents(t) {
		for _, m := range codeBlocks.FindAllStringSubmatch(document(t, name), -1) {
			list = append(list, codeBlock{name, m[1], m[2]})
		}
	}
	if len(list) < 20 {
		t.Fatalf("only %d blocks of code were found", len(list))
	}
	return list
}

// elsewhere are commands of other programs that the documents have people type.
var elsewhere = []string{"head", "systemctl", "journalctl", "make", "go", "export", "htpasswd", "ls", "sudo", "kill", "influx"}

// Each command of the manual can be typed: those in blocks marked console are run, where nothing but files is needed, and
// those in blocks marked console plant are understood.
func TestManualCommands(t *testing.T) {
	blocks := blocksOf(t)
	t.Chdir(commandFolder(t))
	ran := 0
	for _, b := range blocks {
		if b.info != "console" && b.info != "console plant" {
			if bareCommand.MatchString(b.text) {
				t.Errorf("%s: commands in a block marked %q: mark it console, or console plant when it needs one", b.document, b.info)
			}
			continue
		}
		for line := range strings.Lines(b.text) {
			command, typedIn := strings.CutPrefix(strings.TrimSpace(line), "$ ")
			if !typedIn {
				continue // what is printed
			}
			words := shellWords(command)
			switch {
			case words[0] != "tagbridge":
				if !slices.Contains(elsewhere, words[0]) {
					t.Errorf("%s: %s: of what program is that?", b.document, command)
				}
			case b.info == "console plant":
				understood(t, b.document, words[1:])
			default:
				ran++
				if status, out, complaints := typed(t, "", words[1:]...); status != exitOK {
					t.Errorf("%s: %s: status %d, printed %q, complained %q", b.document, command, status, out, complaints)
				}
			}
		}
	}
	if ran < 5 {
		t.Errorf("only %d commands were run", ran)
	}
}

// commandFolder has the files that the commands of the manual are about.
func commandFolder(t *testing.T) string {
	u := readTutorial(t)
	dir := folder(t, map[string]string{
		"plant.yaml": u.yaml, "old.yaml": u.yaml, "oven.csv": u.csv, "kepware.csv": kepwareFile,
		"modpoll.csv":   "# one\nDevice, m, 1\npoll,holding_register,0,1,BE_BE\nref,a,0,int16,r\n",
		"telegraf.conf": "[[inputs.modbus]]\nslave_id = 1\ncontroller = \"tcp://h:1\"\ncoils = [{name=\"a\", address=[0]}]\n",
	})
	plant := filepath.Join(dir, "plant.yaml")
	history := bridge.HistoryIn(filepath.Join(dir, "tagbridge-data"))
	for i := range 2 {
		files := []bridge.File{bridge.NewFile(plant, []byte(u.yaml+strings.Repeat("\n", i))), bridge.NewFile(filepath.Join(dir, "oven.csv"), []byte(u.csv))}
		if err := history.Add(files, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// bareCommand is a line of a block that people would type.
var bareCommand = regexp.MustCompile(`(?m)^(?:\$ )?tagbridge `)

var shellWord = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)

// shellWords are the words of a command up to where its output goes; quotes are taken away.
func shellWords(command string) []string {
	command, _, _ = strings.Cut(command, " > ")
	words := shellWord.FindAllString(command, -1)
	for i := range words {
		words[i] = strings.Trim(words[i], `'"`)
	}
	return words
}

// understood wants a command line that can be parsed.
func understood(t *testing.T, document string, args []string) {
	t.Helper()
	if _, err := commandLine(t).Parse(joinTimes(args)); err != nil {
		t.Errorf("%s: tagbridge %s: %v", document, strings.Join(args, " "), err)
	}
}

var inlineCommand = regexp.MustCompile("`tagbridge ([a-z][^`]*)`")

// Commands within the text are understood, too.
func TestManualInlineCommands(t *testing.T) {
	seen := 0
	for _, name := range documents(t) {
		text := codeBlocks.ReplaceAllString(document(t, name), "")
		for _, m := range inlineCommand.FindAllStringSubmatch(text, -1) {
			seen++
			args := shellWords(strings.ReplaceAll(m[1], "\n", " "))
			if len(args) == 1 { // a command is named
				if !slices.ContainsFunc(commandLine(t).Model.Children, func(c *kong.Node) bool { return c.Name == args[0] }) {
					t.Errorf("%s: there is no command %s", name, args[0])
				}
				continue
			}
			understood(t, name, args)
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands were found", seen)
	}
}

var anyFlag = regexp.MustCompile("--[a-z][a-z-]+")

// Every option that a document names is one of the program's.
func TestManualOptions(t *testing.T) {
	known := map[string]bool{"--help": true, "--version": true}
	for _, verb := range verbs(commandLine(t).Model.Node) {
		for _, f := range verb.Flags {
			known["--"+f.Name] = true
		}
	}
	for _, name := range documents(t) {
		for _, flag := range anyFlag.FindAllString(document(t, name), -1) {
			if !known[flag] {
				t.Errorf("%s: no command has the option %s", name, flag)
			}
		}
	}
}

// Every target of make that a document names is there.
func TestManualTargets(t *testing.T) {
	makefile := document(t, "Makefile")
	for _, name := range documents(t) {
		for _, m := range regexp.MustCompile("(?m)(?:`|^    )make ([a-z-]+)").FindAllStringSubmatch(document(t, name), -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no make %s", name, m[1])
			}
		}
	}
}

// Every map and every configuration of the manual is checked; a configuration may be a part of one.
func TestManualExamples(t *testing.T) {
	blocks := blocksOf(t)
	t.Chdir(folder(t, map[string]string{
		"oven.csv": "tag,address\nt,40001\n", "tags.csv": "tag,address\nt,ns=2;i=1\n", "press.csv": "tag,address\nt,ns=2;i=1\n",
	}))
	seen := map[string]int{}
	for i, b := range blocks {
		text := ""
		switch {
		case b.info == "csv":
			file := fmt.Sprintf("map%d.csv", i)
			if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
			text = "devices: [{name: d, driver: modbus, url: \"tcp://192.0.2.1\", tags: [" + file + "]}]\n"
		case b.info == "yaml" && strings.HasPrefix(b.text, "- {tag:"):
			text = "devices:\n  - name: d\n    driver: modbus\n    url: tcp://192.0.2.1\n    tags:\n      " + strings.ReplaceAll(b.text, "\n", "\n      ")
		case b.info == "yaml":
			text = b.text
		default:
			continue
		}
		seen[b.info]++
		_, problems := config.Load("-", config.Options{Stdin: strings.NewReader(text), Getenv: func(string) string { return "" }})
		for _, p := range problems {
			if !p.Warning {
				t.Errorf("%s: %s\n%s", b.document, p, b.text)
			}
		}
	}
	if seen["csv"] < 2 || seen["yaml"] < 8 {
		t.Errorf("only %d maps and %d configurations were found", seen["csv"], seen["yaml"])
	}
}

// Every kind of fault that the simulator takes is in the manual, and no other.
func TestManualFaults(t *testing.T) {
	text := document(t, "configs/manual/operating.md")
	begin := strings.Index(text, "| kind | what the device does |")
	table := text[begin : begin+strings.Index(text[begin:], "\n\n")]
	var documented []string
	for line := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, m := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(cell, -1) {
			documented = append(documented, m[1])
		}
	}
	var kinds []string
	for _, k := range slices.Concat(plc.FaultKinds, plc.LineFaultKinds) {
		kinds = append(kinds, string(k))
	}
	slices.Sort(kinds)
	slices.Sort(documented)
	if kinds = slices.Compact(kinds); !slices.Equal(kinds, documented) {
		t.Errorf("the manual has %v, the simulator %v", documented, kinds)
	}
}
