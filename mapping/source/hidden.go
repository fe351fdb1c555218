package source

// Secret is a string that prints as ***.
type Secret string

// String hides s.
func (s Secret) String() string { return hide(string(s)) }

// GoString hides s.
func (s Secret) GoString() string { return hide(string(s)) }

// MarshalText hides s in JSON and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hide(string(s))), nil }

func hide(s string) string {
	if s == "" {
		return ""
	}
	return "***"
}
