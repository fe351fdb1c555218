package nats

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"
)

// TestFront has servers say what passes, and what does not.
func TestFront(t *testing.T) {
	for name, c := range map[string]struct{ in, pass, wantErr string }{
		"all that there is": {"INFO {}\r\n+OK\r\nPING\r\npong\r\n\r\nMSG a 1 2\r\nhi\r\nHMSG a 1 r 2 4\r\nhihi\r\n-ERR 'x'\r\n", "", ""},
		"a verb":            {"PUB a 1\r\nx\r\n", "", "no operation"},
		"too much":          {"MSG a 1 65537\r\n", "", "at most"},
		"far too much":      {"MSG a 1 99999999999999999999\r\n", "", "at most"},
		"less than nothing": {"MSG a 1 -1\r\n", "", "at most"},
		"headers":           {"HMSG a 1 5 4\r\nhihi\r\n", "", "headers"},
		"words":             {"MSG a\r\n", "", "words"},
		"longer than said":  {"MSG a 1 2\r\nhihi\r\n", "", "longer than it says"},
		"cut off":           {"PING\r\nMSG a 1 20\r\nhi", "PING\r\n", "EOF"},
		"endless line":      {"INFO " + strings.Repeat("x", maxLine+1), "", "a line of more than"},
		// The library's parser takes one byte off a line for each line's end, and finds the size 5 here.
		"two sizes": {"MSG a 1 5\r 50\nhello\r\nMSG a 1 2000000000\r\n" + strings.Repeat("x", 19) + "\r\n", "", "carriage return"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := io.ReadAll(newFront(strings.NewReader(c.in)))
			want := c.pass
			if c.wantErr == "" {
				want = c.in
			}
			if string(out) != want {
				t.Errorf("passed %q, want %q", out, want)
			}
			if c.wantErr == "" && err != nil || c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
				t.Errorf("error %v, want %q", err, c.wantErr)
			}
		})
	}
}

const refused = -2

// sizeOf is how many bytes of a message the library's parser finds in a line; -1: it has none. What the parser refuses ends the
// connection.
func sizeOf(line []byte) int {
	upper := bytes.ToUpper(line)
	if !bytes.HasPrefix(upper, []byte("MSG")) && !bytes.HasPrefix(upper, []byte("HMSG")) {
		return -1
	}
	arg, _ := bytes.CutSuffix(line, []byte("\n"))
	if bytes.ContainsRune(arg, '\r') {
		arg = arg[:len(arg)-1]
	}
	words := bytes.FieldsFunc(arg, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	n, err := strconv.ParseUint(string(words[len(words)-1]), 10, 63)
	if err != nil {
		return refused
	}
	return int(n)
}

// FuzzFront lets a server say anything: what passes is a beginning of it, in whole operations of bounded length, in which the
// library's parser finds the same ends.
func FuzzFront(f *testing.F) {
	for _, text := range []string{
		"INFO {\"tls_required\":true}\r\nPING\r\n", "MSG a 1 2\r\nhi\r\n", "HMSG a 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", "-ERR 'x'\r\n+OK\r\n",
		"MSG a 1 5\r 50\nhello\r\nMSG a 1 9\r\n", "msg a 1 0\n\r\n", "MSG\ta\t1\v2\r\nhi\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\r\n\r\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		front, passed := newFront(bytes.NewReader(in)), 0
		for {
			if err := front.next(); err != nil {
				break
			}
			op := front.rest
			if len(op) > maxLine+maxInbound+2 || !bytes.HasPrefix(in[passed:], op) {
				t.Fatalf("%q passes of %q", op, in[passed:])
			}
			passed += len(op)
			end := bytes.IndexByte(op, '\n') + 1
			if size := sizeOf(op[:end]); size >= 0 && end+size+2 != len(op) || size == -1 && end != len(op) {
				t.Fatalf("%q passes in one, the library finds %d bytes after its line", op, size)
			}
		}
		if _, _, err := readInfo(bufio.NewReader(bytes.NewReader(in))); err == nil && !bytes.HasPrefix(in, []byte("INFO ")) {
			t.Fatalf("%q is an INFO", in)
		}
	})
}
