package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"tagbridge/cmd/tagbridge/web"
)

// userVerb is the verbs for the users of the HTTP server.
type userVerb struct {
	Add userAddVerb `cmd:"" help:"Ask for a password, and write the line of a user."`
}

type userAddVerb struct {
	File string `arg:"" help:"The file that bridge.http.users names; it is made where it is not there."`
	Name string `arg:"" help:"Name of the user; the line of one who is there is replaced."`
	Edit bool   `help:"The user may change things from the page, not only look."`
}

// Run writes the line. The bridge reads the file when it starts or reloads.
func (v userAddVerb) Run(ctx context.Context, std streams) error {
	if err := web.CheckUserName(v.Name); err != nil {
		return err
	}
	password, err := askPassword(ctx, "password of "+v.Name, std)
	if err != nil {
		return err
	}
	replaced, err := web.AddUser(v.File, web.User{Name: v.Name, Password: password, Edit: v.Edit})
	if err != nil {
		return err
	}
	may, done := "look", "added to"
	if v.Edit {
		may = "edit"
	}
	if replaced {
		done = "written anew in"
	}
	fmt.Fprintf(std.out, "%s is %s %s, and may %s; reload the bridge for it to know\n", v.Name, done, v.File, may)
	return nil
}

// longestLine is how much of standard input is looked at for a password.
const longestLine = 4096

// askPassword asks twice on a terminal, without an echo. From a pipe it takes the first line.
func askPassword(ctx context.Context, prompt string, std streams) (string, error) {
	f, ok := std.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(std.in, longestLine)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	first, err := askHidden(ctx, f, prompt, std.err)
	if err != nil {
		return "", err
	}
	if err := web.CheckPassword(first); err != nil {
		return "", err
	}
	second, err := askHidden(ctx, f, "the same again", std.err)
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ: nothing is written")
	}
	return first, nil
}

// askHidden reads a line from a terminal that does not show it, and leaves the terminal as it was, also at a Ctrl-C.
func askHidden(ctx context.Context, f *os.File, prompt string, to io.Writer) (string, error) {
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	fmt.Fprintf(to, "%s: ", prompt)
	defer fmt.Fprintln(to)
	type answer struct {
		line []byte
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		got <- answer{line, err}
	}()
	select {
	case a := <-got:
		if a.err != nil {
			return "", fmt.Errorf("read password: %w", a.err)
		}
		return string(a.line), nil
	case <-ctx.Done():
		_ = term.Restore(fd, before) // the program ends, and its reader with it
		return "", errors.New("no password was given: nothing is written")
	}
}
