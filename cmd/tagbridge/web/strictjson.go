package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"tagbridge/mapping/source"
)

// Limits of an object that is sent here.
const (
	maxDepth = 8      // how deep
	maxKeys  = 20_000 // of all objects in it: it names every map three times at most, and a few rows
)

// take reads the one JSON object of r's body into v, a pointer to a struct: no key that v does not have, none twice. What is
// wrong is answered, and false returned.
func take(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "more than %d MiB were sent", tooLarge.Limit>>20)
		return false
	case err != nil:
		refuse(w, http.StatusBadRequest, "what was sent did not come whole: %v", err)
		return false
	}
	if err := unmarshal(body, v); err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return false
	}
	return true
}

// unmarshal is json.Unmarshal of an object, strictly.
func unmarshal(body []byte, v any) error {
	in := reader{Decoder: json.NewDecoder(bytes.NewReader(body))}
	in.UseNumber()
	if err := in.value("", reflect.TypeOf(v).Elem(), 0); err != nil {
		return err
	}
	if _, err := in.Token(); err != io.EOF {
		return errors.New("more than one JSON object was sent")
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("not what is asked for here: %w", err)
	}
	return nil
}

// reader reads an object before it is decoded.
type reader struct {
	*json.Decoder
	keys int // that there were
}

// value reads one value that is to become a t, the one under key; t is nil where anything may stand.
func (in *reader) value(key string, t reflect.Type, depth int) error {
	if depth > maxDepth {
		return errors.New("an object within an object within an object, too often")
	}
	token, err := in.Token()
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	switch token {
	case json.Delim('{'):
		err = in.object(key, t, depth)
	case json.Delim('['):
		err = in.list(key, t, depth)
	default:
		if depth == 0 {
			return errors.New("a JSON object is to be sent")
		}
		return nil
	}
	return err
}

func (in *reader) list(key string, t reflect.Type, depth int) error {
	if depth == 0 {
		return errors.New("a JSON object is to be sent, not a list")
	}
	if t != nil && t.Kind() == reflect.Slice {
		t = t.Elem()
	} else {
		t = nil
	}
	for in.More() {
		if err := in.value(key, t, depth+1); err != nil {
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return nil
}

func (in *reader) object(under string, t reflect.Type, depth int) error {
	fields := keysOf(t)
	seen := map[string]bool{}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if in.keys++; in.keys > maxKeys {
			return fmt.Errorf("more than %d keys were sent", maxKeys)
		}
		key, _ := token.(string)
		if seen[key] {
			return fmt.Errorf("key %q is there twice%s", source.Shorten(key), within(under))
		}
		seen[key] = true
		var of reflect.Type
		switch {
		case fields != nil:
			f, ok := fields[key]
			if !ok {
				names := []string{}
				for name := range fields {
					names = append(names, name)
				}
				slices.Sort(names)
				return fmt.Errorf("unknown key %q%s: there are %s%s", source.Shorten(key), within(under), strings.Join(names, ", "),
					source.DidYouMean(key, names))
			}
			of = f
		case t != nil && t.Kind() == reflect.Map:
			of = t.Elem()
		}
		if err := in.value(key, of, depth+1); err != nil {
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return nil
}

func within(key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf(" in %q", source.Shorten(key))
}

// keysOf are the types of a struct's fields by their names in JSON; nil of what is none.
func keysOf(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			for name, of := range keysOf(f.Type) {
				fields[name] = of
			}
		case name != "" && name != "-":
			fields[name] = f.Type
		}
	}
	return fields
}
