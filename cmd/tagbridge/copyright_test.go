package main

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tagbridge/configs"
)

// linked is a module that the program is linked from, with the licences of its packages.
type linked struct {
	path, version string
	texts         []string // each once
	notice        string
}

// TestManualCopyright holds configs/package/copyright against the modules that the program is really linked from, on all
// systems that packages are made for.
func TestManualCopyright(t *testing.T) {
	modules := map[string]*linked{}
	for _, system := range []string{"linux/amd64", "linux/arm64", "linux/arm", "windows/amd64", "darwin/arm64"} {
		gather(t, system, modules)
	}
	if len(modules) < 20 {
		t.Fatalf("only %d modules were found", len(modules))
	}
	// The standard library has the licence of its sisters; not every distribution of Go has it in a file.
	sys := modules["golang.org/x/sys"]
	modules["Go"] = &linked{path: "Go", texts: sys.texts}
	want := copyright(t, modules)
	if *update {
		if err := os.WriteFile(filepath.Join(root, "configs/package/copyright"), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != configs.Copyright {
		t.Error("configs/package/copyright is not what the program is linked from: run make manual")
	}
	if status, out, _ := typed(t, "", "manual", "notices"); status != exitOK || out != configs.Copyright {
		t.Errorf("manual notices: status %d, printed %.200q", status, out)
	}
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|patents|edl|epl)`)

// gather adds the modules that the program for arch is linked from.
func gather(t *testing.T, system string, modules map[string]*linked) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{.Dir}}\t{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
	goos, arch, _ := strings.Cut(system, "/")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if f := strings.Split(lines.Text(), "\t"); len(f) == 4 {
			add(t, modules, f[1], f[2], f[3], f[0])
		}
	}
}

// add notes the licences in dir and above it, up to the root of its module.
func add(t *testing.T, modules map[string]*linked, path, version, root, dir string) {
	t.Helper()
	m := modules[path]
	if m == nil {
		m = &linked{path: path, version: version}
		modules[path] = m
	}
	for ; len(dir) >= len(root); dir = filepath.Dir(dir) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			text := func() string {
				b, err := os.ReadFile(filepath.Join(dir, e.Name()))
				if err != nil {
					t.Fatal(err)
				}
				return strings.TrimSpace(strings.ReplaceAll(string(b), "\r", ""))
			}
			switch {
			case strings.HasPrefix(strings.ToUpper(e.Name()), "NOTICE") && dir == root:
				m.notice = text()
			case licenceFile.MatchString(e.Name()):
				if s := text(); !slices.Contains(m.texts, s) {
					m.texts = append(m.texts, s)
				}
			}
		}
	}
}

// copyright is the file that Debian wants (copyright-format 1.0).
func copyright(t *testing.T, modules map[string]*linked) string {
	var b strings.Builder
	b.WriteString(`Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tagbridge
Comment:
 The program is linked from the modules that are named below, each of which is
 under the licence that its paragraph has. Written by make manual.

Files: *
Copyright: the authors of tagbridge
License: none
 No licence has been given: all rights are the authors', and nobody else may
 copy, change or pass it on without asking.
`)
	shared := map[string]string{} // names of the texts that several modules have
	count := map[string]int{}
	for _, m := range modules {
		for _, text := range m.texts {
			count[text]++
		}
	}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		if len(m.texts) == 0 {
			t.Errorf("%s has no licence", path)
			continue
		}
		b.WriteString(m.paragraph(count, shared))
	}
	b.WriteString(pageCopyright(t))
	b.WriteString(tablesCopyright(t, shared))
	for _, text := range slices.SortedFunc(maps.Keys(shared), func(a, b string) int { return strings.Compare(shared[a], shared[b]) }) {
		fmt.Fprintf(&b, "\nLicense: %s\n%s", shared[text], field(text))
	}
	return b.String()
}

// paragraph is what the file says of m. Texts that count says several modules have are named, in shared, and not repeated.
func (m *linked) paragraph(count map[string]int, shared map[string]string) string {
	slices.Sort(m.texts)
	names := make([]string, len(m.texts))
	inline := ""
	for i, text := range m.texts {
		names[i] = licenceName(text)
		if count[text] > 1 {
			if shared[text] == "" {
				shared[text] = fmt.Sprintf("%s-%d", names[i], len(shared)+1)
			}
			names[i] = shared[text]
			continue
		}
		inline += text + "\n\n"
	}
	text := fmt.Sprintf("\nFiles: vendor/%s/*\nCopyright:\n%s", m.path, field(strings.Join(holders(m.texts), "\n"))) +
		fmt.Sprintf("License: %s\n%s", strings.Join(slices.Compact(names), " and "), field(strings.TrimSpace(inline)))
	if m.version != "" || m.notice != "" {
		text += "Comment:\n" + field(strings.TrimSpace(m.version+"\n"+m.notice))
	}
	return text
}

// field is text as the value of a field: each line begins with a blank, empty ones have a point.
func field(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for line := range strings.Lines(text + "\n") {
		if line = strings.TrimRight(line, " \t\n"); line == "" {
			line = "."
		}
		b.WriteString(" " + strings.ReplaceAll(line, "\t", "    ") + "\n")
	}
	return b.String()
}

var holder = regexp.MustCompile(`(?mi)^\W*(copyright (?:\(c\)|©|[12][0-9]{3}).*)$`)

// holders are the lines of texts that say whose they are.
func holders(texts []string) []string {
	var list []string
	for _, text := range texts {
		for _, m := range holder.FindAllStringSubmatch(text, -1) {
			if line := strings.TrimSpace(m[1]); !slices.Contains(list, line) && !strings.Contains(line, "[yyyy]") && !strings.Contains(line, "{yyyy}") {
				list = append(list, line)
			}
		}
	}
	if len(list) == 0 {
		return []string{"its authors"}
	}
	return list
}

// licenceName is the short name of a licence by what it says.
func licenceName(text string) string {
	one := strings.Join(strings.Fields(text), " ")
	for _, known := range []struct{ says, name string }{
		{"Additional IP Rights Grant", "patent-grant"},
		{"Eclipse Public License - v 2.0", "EPL-2.0"},
		{"Eclipse Distribution License", "BSD-3-Clause"},
		{"Neither the name", "BSD-3-Clause"},
		{"Redistribution and use in source and binary forms", "BSD-2-Clause"},
		{"Permission is hereby granted, free of charge", "MIT"},
		{"Apache License", "Apache-2.0"},
	} {
		if strings.Contains(one, known.says) {
			return known.name
		}
	}
	return "other"
}
