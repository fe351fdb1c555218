package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/edit"
)

// taken are what actions take.
func taken() []any {
	return []any{&edit.Change{}, &draftJSON{}, &readJSON{}, &probeJSON{}, &uploadJSON{}, &edit.Back{}}
}

func TestStrictJSONRefuses(t *testing.T) {
	nested := func(n int) string {
		return `{"rows":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	files := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%d":""`, i)
		}
		return `{"files":{` + strings.TrimPrefix(b.String(), ",") + `}}`
	}
	for _, c := range []struct {
		name, text string
		into       any
		want       string
	}{
		{"a key twice", `{"comment":"a","comment":"b"}`, &edit.Change{}, `key "comment" is there twice`},
		{"written in two ways", `{"comment":"a","c\u006fmment":"b"}`, &edit.Change{}, `key "comment" is there twice`},
		{"further in", `{"files":{"a":"1","a":"2"}}`, &edit.Change{}, `key "a" is there twice in "files"`},
		{"a row", `{"rows":[{"tag":"a","tag":"b"}]}`, &readJSON{}, `key "tag" is there twice`},
		{"capitals", `{"Comment":"a"}`, &edit.Change{}, `unknown key "Comment"`},
		{"two objects", `{}{}`, &edit.Change{}, "more than one JSON object"},
		{"rubbish after it", `{}x`, &edit.Change{}, "more than one JSON object"},
		{"a list", `[{}]`, &edit.Change{}, "not a list"},
		{"null", `null`, &edit.Change{}, "a JSON object is to be sent"},
		{"nothing", ``, &edit.Change{}, "not JSON"},
		{"cut", `{"files":{"a":`, &edit.Change{}, "not JSON"},
		{"cut in a list", `{"rows":[`, &readJSON{}, "not JSON"},
		{"a list too deep", nested(maxDepth + 1), &readJSON{}, "too often"},
		{"far too deep", nested(1_000_000), &readJSON{}, "too often"},
		{"never closed", strings.Repeat(`{"rows":[`, 1_000_000), &readJSON{}, "too often"},
		{"more keys than there can be", files(maxKeys), &edit.Change{}, "more than 20000 keys"},
		{"another type", `{"files":["a"]}`, &edit.Change{}, "not what is asked for here"},
	} {
		if err := unmarshal([]byte(c.text), c.into); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if c := new(edit.Change); unmarshal([]byte(files(maxKeys-1)), c) != nil || len(c.Files) != maxKeys-1 {
		t.Errorf("as many keys as there may be: %d", len(c.Files))
	}
}

// TestTooDeepIsNotRead has a value be too deep that is no JSON: it is refused for its place, so that it was not looked at.
func TestTooDeepIsNotRead(t *testing.T) {
	text := `{"rows":` + strings.Repeat("[", maxDepth) + "no JSON"
	if err := unmarshal([]byte(text), new(readJSON)); err == nil || !strings.Contains(err.Error(), "too often") {
		t.Errorf("%v", err)
	}
}

// FuzzStrictJSON: what is taken is what encoding/json makes of it, and keeps every limit; nothing else is refused than what
// does not keep them.
func FuzzStrictJSON(f *testing.F) {
	for _, text := range []string{
		`{"files":{"a.csv":"tag,address\n"},"base":{"a.csv":"\"1\""},"comment":"c","encodings":{"a.csv":"UTF-8"}}`,
		`{"device":"plc","rows":[{"tag":"a","address":"40001"},{}]}`, `{"readings":[{"shows":"1.5","dump":"d"}],"ranges":["1-2"]}`,
		`{"name":"a","content":"AAAA"}`, `{"id":"1","try":true,"base":null}`, `{"id":"1","id":"2"}`, `{"ID":"1"}`, `{} {}`, `{`, `[`, `null`,
		`{"rows":[[[[[[[[[1]]]]]]]]]}`, `{"base":{"\ud800":"a","\ud801":"b"}}`, "{\"base\":{\"\xff\":\"\",\"\xfe\":\"\"}}", `{"comment":1e999}`,
	} {
		for i := range taken() {
			f.Add([]byte(text), byte(i))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, which byte) {
		list := taken()
		into := list[int(which)%len(list)]
		err := unmarshal(body, into)
		want := reflect.New(reflect.TypeOf(into).Elem()).Interface()
		in := json.NewDecoder(bytes.NewReader(body))
		in.DisallowUnknownFields()
		plain := in.Decode(want)
		var whole any
		if json.Unmarshal(body, &whole) != nil {
			if err == nil {
				t.Fatalf("taken and no JSON: %q", body)
			}
			return
		}
		keys, deep := measure(whole)
		_, isObject := whole.(map[string]any)
		_, after := in.Token()
		within := isObject && keys == keysIn(body) && keys <= maxKeys && deep <= maxDepth
		switch {
		case err == nil && (plain != nil || after != io.EOF || !within):
			t.Fatalf("taken: %q: %v, %d keys in %d, %d deep", body, plain, keysIn(body), keys, deep)
		case err == nil && !reflect.DeepEqual(into, want):
			t.Fatalf("%q is %+v, want %+v", body, into, want)
		case err != nil && plain == nil && within && !strings.HasPrefix(err.Error(), "unknown key"): // written in capitals
			t.Fatalf("refused: %q: %v", body, err)
		}
	})
}

// measure is how many keys there are in v, and how deep its deepest value is.
func measure(v any) (keys, deep int) {
	var inside []any
	switch v := v.(type) {
	case map[string]any:
		keys = len(v)
		for _, x := range v {
			inside = append(inside, x)
		}
	case []any:
		inside = v
	}
	for _, x := range inside {
		k, d := measure(x)
		keys, deep = keys+k, max(deep, d+1)
	}
	return keys, deep
}

// keysIn counts the keys of a JSON text by their colons.
func keysIn(body []byte) (n int) {
	quoted := false
	for i := 0; i < len(body); i++ {
		switch {
		case quoted && body[i] == '\\':
			i++
		case body[i] == '"':
			quoted = !quoted
		case body[i] == ':' && !quoted:
			n++
		}
	}
	return n
}
