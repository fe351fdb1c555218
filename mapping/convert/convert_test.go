package convert

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestConversions compares verdicts and files with golden ones, and wants the result to be a configuration without
// problems.
func TestConversions(t *testing.T) {
	const url = "tcp://192.0.2.7:502"
	for name, convert := range map[string]func([]byte) (*Result, error){
		"kepware.csv":   func(b []byte) (*Result, error) { return Kepware("kepware.csv", b, url) },
		"modpoll.csv":   func(b []byte) (*Result, error) { return Modpoll("modpoll.csv", b, url) },
		"telegraf.conf": func(b []byte) (*Result, error) { return Telegraf("telegraf.conf", b) },
	} {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			r, err := convert(content)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, v := range r.Verdicts {
				got.WriteString(v.String() + "\n")
			}
			files, err := r.Files()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for _, f := range files {
				got.WriteString("\n" + f.Name + ":\n" + string(f.Content))
				path := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(got.String(), "s3cret") {
				t.Error("a secret was taken over")
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || got.String() != string(want) {
				t.Errorf("differs from %s (%v):\n%s", golden, err, got.String())
			}
			if _, problems := config.Load(filepath.Join(dir, "tagbridge.yaml"), config.Options{}); problems.HasProblems() {
				t.Error(problems.Err())
			}
		})
	}
}

func FuzzConvert(f *testing.F) {
	for _, name := range []string{"kepware.csv", "modpoll.csv", "telegraf.conf"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range []func() (*Result, error){
			func() (*Result, error) { return Kepware("f", b, "tcp://h:1") },
			func() (*Result, error) { return Modpoll("f", b, "tcp://h:1") },
			func() (*Result, error) { return Telegraf("f", b) },
		} {
			got, err := r()
			if err != nil {
				continue
			}
			for _, v := range got.Verdicts {
				if !v.Taken && v.Note == "" {
					t.Errorf("%+v: no reason", v)
				}
			}
			if _, err := got.Files(); err != nil {
				t.Error(err)
			}
		}
	})
}
