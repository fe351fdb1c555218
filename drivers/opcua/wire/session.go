package wire

import "time"

// GetEndpoints asks what a server offers (Part 4, 5.4.4).
type GetEndpoints struct{ URL string }

// ID implements Request.
func (GetEndpoints) ID() uint32 { return 428 }

// Append implements Request.
func (q GetEndpoints) Append(dst []byte) []byte {
	return AppendStrings(AppendStrings(AppendString(dst, q.URL), nil), nil)
}

// Endpoint is one way to connect to a server.
type Endpoint struct {
	URL            string
	ApplicationURI string
	Name           string
	Certificate    []byte
	Mode           uint32 // 1 None, 2 Sign, 3 SignAndEncrypt
	Policy         string // URI
	Tokens         []TokenPolicy
	Transport      string // URI of its profile
	Level          uint8
}

// TokenPolicy is one way to log in.
type TokenPolicy struct {
	ID     string
	Type   uint32 // 0 anonymous, 1 user and password, 2 certificate, 3 issued
	Policy string // URI; "" is that of the endpoint
}

// The kinds of logins.
const (
	TokenAnonymous = iota
	TokenPassword
	TokenCertificate
)

// Endpoints reads an array of EndpointDescription.
func (r *Reader) Endpoints() []Endpoint {
	all, n := list[Endpoint](r, 30)
	for range n {
		e := Endpoint{URL: r.String(), ApplicationURI: r.String()}
		r.Bytes()
		e.Name = r.LocalizedText()
		r.Uint32()
		r.Bytes()
		r.Bytes()
		for range r.Count(4) {
			r.Bytes()
		}
		e.Certificate = r.Bytes()
		e.Mode = r.Uint32()
		e.Policy = r.String()
		var tokens int
		e.Tokens, tokens = list[TokenPolicy](r, 20)
		for range tokens {
			t := TokenPolicy{ID: r.String(), Type: r.Uint32()}
			r.Bytes()
			r.Bytes()
			t.Policy = r.String()
			e.Tokens = append(e.Tokens, t)
		}
		e.Transport = r.String()
		e.Level = r.Uint8()
		all = append(all, e)
	}
	return all
}

// CreateSession makes a session (Part 4, 5.6.2).
type CreateSession struct {
	ApplicationURI, Name string
	URL                  string
	SessionName          string
	Nonce, Certificate   []byte
	Timeout              time.Duration
	MaxResponse          uint32
}

// ID implements Request.
func (CreateSession) ID() uint32 { return 461 }

// Append implements Request.
func (q CreateSession) Append(dst []byte) []byte {
	dst = AppendString(dst, q.ApplicationURI)
	dst = AppendString(dst, "urn:tagbridge")
	dst = AppendText(dst, q.Name)
	dst = le.AppendUint32(dst, 1) // a client
	dst = AppendString(dst, "")
	dst = AppendString(dst, "")
	dst = AppendStrings(dst, nil)
	dst = AppendString(dst, "")
	dst = AppendString(dst, q.URL)
	dst = AppendString(dst, q.SessionName)
	dst = AppendBytes(dst, q.Nonce)
	dst = AppendBytes(dst, q.Certificate)
	dst = AppendDouble(dst, float64(q.Timeout/time.Millisecond))
	return le.AppendUint32(dst, q.MaxResponse)
}

// Session is the answer to CreateSession.
type Session struct {
	Token              NodeID
	Timeout            time.Duration
	Nonce, Certificate []byte
	Endpoints          []Endpoint
	Signature          []byte
	MaxRequest         uint32
}

// Session reads one.
func (r *Reader) Session() Session {
	r.skipNodeID()
	s := Session{Token: r.NodeID()}
	s.Timeout = milliseconds(r.Float64())
	s.Nonce, s.Certificate = r.Bytes(), r.Bytes()
	s.Endpoints = r.Endpoints()
	for range r.Count(8) {
		r.Bytes()
		r.Bytes()
	}
	r.Bytes()
	s.Signature = r.Bytes()
	s.MaxRequest = r.Uint32()
	return s
}

// milliseconds is a Duration of the standard; 0 for what is none.
func milliseconds(v float64) time.Duration {
	if !(v > 0) || v > 1e12 {
		return 0
	}
	return time.Duration(v * float64(time.Millisecond))
}

// Signature proves the possession of a key.
type Signature struct {
	Algorithm string
	Data      []byte
}

// Identity is who logs in: anonymous, or with a user or certificate.
type Identity struct {
	Type        uint32
	PolicyID    string
	User        string
	Password    []byte // encrypted with Algorithm, "" for clear text
	Algorithm   string
	Certificate []byte
}

// ActivateSession logs in (Part 4, 5.6.3).
type ActivateSession struct {
	Client   Signature
	Identity Identity
	User     Signature // of a certificate
}

// ID implements Request.
func (ActivateSession) ID() uint32 { return 467 }

// Append implements Request.
func (q ActivateSession) Append(dst []byte) []byte {
	dst = appendSignature(dst, q.Client)
	dst = le.AppendUint32(dst, 0) // software certificates
	dst = AppendStrings(dst, []string{"en"})
	id := q.Identity
	switch id.Type {
	case TokenPassword:
		dst = appendExtension(dst, 324, func(dst []byte) []byte {
			dst = AppendString(AppendString(dst, id.PolicyID), id.User)
			return AppendString(AppendBytes(dst, id.Password), id.Algorithm)
		})
	case TokenCertificate:
		dst = appendExtension(dst, 327, func(dst []byte) []byte {
			return AppendBytes(AppendString(dst, id.PolicyID), id.Certificate)
		})
	default:
		dst = appendExtension(dst, 321, func(dst []byte) []byte { return AppendString(dst, id.PolicyID) })
	}
	return appendSignature(dst, q.User)
}

func appendSignature(dst []byte, s Signature) []byte {
	return AppendBytes(AppendString(dst, s.Algorithm), s.Data)
}

// CloseSession ends the session and its subscriptions.
type CloseSession struct{}

// ID implements Request.
func (CloseSession) ID() uint32 { return 473 }

// Append implements Request.
func (CloseSession) Append(dst []byte) []byte { return append(dst, 1) }
